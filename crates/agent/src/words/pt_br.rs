//! Brazilian Portuguese.

use tidings_control::CauseKind;
use time::Weekday;

use super::{Said, Standing, Words};

pub(super) static WORDS: Words = Words {
    guest: "convidado",
    user_at: |user, host| format!("{user} em {host}"),
    weekday: |day| match day {
        Weekday::Monday => "seg.",
        Weekday::Tuesday => "ter.",
        Weekday::Wednesday => "qua.",
        Weekday::Thursday => "qui.",
        Weekday::Friday => "sex.",
        Weekday::Saturday => "sáb.",
        Weekday::Sunday => "dom.",
    },

    not_signed_in: "Nenhuma sessão iniciada",
    connected_to: |host| format!("Conectado a {host}"),
    connecting_to: |host| format!("Conectando a {host}…"),
    all_connected: |accounts| format!("{accounts} contas conectadas"),
    some_connected: |connected, accounts| format!("{connected} de {accounts} contas conectadas"),
    paused: "Em pausa",
    disconnecting: "Desconectando",
    cut_off: |host| said(format!("Não foi possível acessar {host}"), "O Tidings continua tentando."),
    trouble: |kind, host| match kind {
        CauseKind::Unreachable => (WORDS.cut_off)(host),
        CauseKind::Offline => said("Você está sem rede", "O Tidings reconecta quando ela voltar."),
        CauseKind::ServerBusy => said("O servidor está ocupado", "O Tidings continua tentando."),
        CauseKind::Restarting => said("O servidor está reiniciando", "O Tidings reconecta sozinho."),
        CauseKind::SignInNeeded => said("Sua sessão terminou", "Entre de novo para continuar recebendo."),
        CauseKind::Blocked => said("O servidor recusa este aplicativo", "Fale com quem o administra."),
        CauseKind::NotSuchServer => {
            said("Isto não parece ser um servidor Tidings, Gotify ou ntfy", "Confira o endereço.")
        }
        CauseKind::Certificate => said("O certificado do servidor não é confiável", "Nada foi enviado."),
        CauseKind::ClientCertificate => {
            said("O servidor pede um certificado de cliente válido", "Entre de novo com um.")
        }
        CauseKind::CertificateFile => {
            said("Um arquivo de certificado não pode ser usado", "Corrija-o ou entre de novo com outro.")
        }
        CauseKind::Proxy => said("O proxy pede uma senha", "Fale com quem administra a sua rede."),
        CauseKind::KeychainLocked => said("Seu chaveiro está bloqueado", "Desbloqueie-o para conectar."),
        CauseKind::GaveUp => said(
            format!("Não foi possível acessar {host}"),
            "O Tidings parou de tentar. Reconecte quando quiser.",
        ),
        CauseKind::Stopped => Said { headline: "Desconectado".to_owned(), then: None },
    },
    standing: |standing| match standing {
        Standing::Connected => "conectada",
        Standing::Connecting => "conectando",
        Standing::CutOff => "inacessível",
        Standing::Offline => "sem rede",
        Standing::SignedOut => "sem sessão",
        Standing::NeedsYou => "precisa de você",
        Standing::Disconnected => "desconectada",
        Standing::Paused => "em pausa",
    },

    unread: |count| match count {
        1 => "1 não lida".to_owned(),
        0..=99 => format!("{count} não lidas"),
        100.. => "99+ não lidas".to_owned(),
    },
    untitled: "(sem título)",
    open: "Abrir o Tidings",
    mark_all_read: "Marcar tudo como lido",
    reconnect: "Reconectar agora",
    accounts: "Contas",
    sign_out: "Sair da conta",
    quit: "Encerrar",

    do_not_disturb: "Não perturbe",
    do_not_disturb_on: |until| match until {
        Some(until) => format!("Não perturbe até {until}"),
        None => "Não perturbe está ativado".to_owned(),
    },
    turn_off: "Desativar",
    half_hour: "Por 30 minutos",
    one_hour: "Por 1 hora",
    until_tomorrow: "Até amanhã",
    until_turned_off: "Até desativar",
    quiet_hours: |until| match until {
        Some(until) => format!("Horário de silêncio até {until}"),
        None => "Horário de silêncio".to_owned(),
    },
    desktop_quiet: "O não perturbe do sistema está ativado",

    show: "Abrir",
    mark_read: "Marcar como lida",
    summary: |count| match count {
        1 => "Mais 1 notificação".to_owned(),
        _ => format!("{count} notificações"),
    },
    summary_of: |count, topic| format!("{}: {topic}", (WORDS.summary)(count)),
    missed: |count| match count {
        1 => "1 notificação enquanto você estava fora".to_owned(),
        _ => format!("{count} notificações enquanto você estava fora"),
    },
    and_more: |count| format!("e mais {count}"),
    sign_in_ended: "Sua sessão terminou",
    sign_in_again: |user| format!("Entre de novo como {user} para continuar recebendo."),
    not_done: |label| format!("“{label}” não funcionou"),
    preview_title: "É assim que aparece",
    preview_body: "Uma notificação com os ajustes de agora.",
};

fn said(headline: impl Into<String>, then: &'static str) -> Said {
    Said { headline: headline.into(), then: Some(then) }
}
