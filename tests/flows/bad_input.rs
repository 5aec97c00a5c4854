//! What people type wrong, and what they find at the other end: each gets a code and a sentence, and nothing is left
//! half-done.

use std::fs;

use tidings_lab::{
    Agent, AgentOptions, Authority, Outcome, Rogue, Server, ServerOptions,
    desktop::{Desktop, Furniture},
};

use crate::bare_agent;

/// Tries to sign in where that cannot work, and returns exit code and error code. No account may come of it.
async fn refused(agent: &Agent, server: &str, password: &str) -> Outcome<(i32, String)> {
    let said = agent.cli().log_in_at(server, password, &[]).await?;
    assert!(agent.snapshot().await?.accounts.is_empty(), "no account comes of a failed sign-in");
    assert!(!said.out.contains(password) && !said.err.contains(password), "the password is not repeated");
    Ok((said.code, said.error_code()?))
}

#[tokio::test]
async fn addresses_that_are_none() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    for address in ["", "http://", "not a host", "ftp://127.0.0.1", "https://user:secret@127.0.0.1", "::::"] {
        let refusal = refused(&agent, address, Server::PASSWORD).await?;
        assert_eq!(refusal, (6, "BAD_SERVER_URL".to_owned()), "{address:?}");
    }
    Ok(())
}

#[tokio::test]
async fn plain_http_beyond_this_computer_is_refused_before_anything_is_sent() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    // an address for documentation (RFC 5737): nothing answers there, and nothing is asked
    let refusal = refused(&agent, "http://192.0.2.1", Server::PASSWORD).await?;
    assert_eq!(refusal, (6, "UNENCRYPTED_REFUSED".to_owned()));
    Ok(())
}

#[tokio::test]
async fn nobody_listens() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let mut server = Server::start(ServerOptions::default()).await?;
    server.stop().await?;
    let refusal = refused(&agent, server.url(), Server::PASSWORD).await?;
    assert_eq!(refusal, (6, "SERVER_UNREACHABLE".to_owned()));
    Ok(())
}

#[tokio::test]
async fn something_else_answers() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let web_page = Rogue::web_page().await?;
    let refusal = refused(&agent, web_page.url(), Server::PASSWORD).await?;
    assert_eq!(refusal, (6, "NOT_A_TIDINGS_SERVER".to_owned()));
    let noise = Rogue::noise().await?;
    let (exit, code) = refused(&agent, noise.url(), Server::PASSWORD).await?;
    assert_eq!(exit, 6);
    assert!(["NOT_A_TIDINGS_SERVER", "SERVER_UNREACHABLE"].contains(&&*code), "{code}");
    Ok(())
}

#[tokio::test]
async fn a_certificate_of_nobody_that_is_known() -> Outcome {
    let desktop = Desktop::start(Furniture::NONE).await?;
    let authority = Authority::new()?;
    let server = Server::start(authority.server_options()).await?;
    let mut agent = Agent::start(&desktop).await?;
    let refusal = refused(&agent, server.url(), Server::PASSWORD).await?;
    assert_eq!(refusal, (6, "CERTIFICATE_NOT_TRUSTED".to_owned()));
    agent.stop().await?;
    let environment = vec![("SSL_CERT_FILE".to_owned(), authority.root().clone().into_os_string())];
    let agent = Agent::start_with(&desktop, AgentOptions { environment, ..AgentOptions::default() }).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_and_then_the_right_one() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let server = Server::start(ServerOptions::default()).await?;
    let refusal = refused(&agent, server.url(), "not her password").await?;
    assert_eq!(refusal, (5, "INVALID_CREDENTIALS".to_owned()));
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let again = agent.cli().log_in_at(server.url(), Server::PASSWORD, &[]).await?;
    assert_eq!((again.code, again.error_code()?), (1, "ALREADY_SIGNED_IN".to_owned()));
    Ok(())
}

#[tokio::test]
async fn commands_without_an_agent() -> Outcome {
    let (_desktop, mut agent) = bare_agent().await?;
    agent.stop().await?;
    for command in ["status", "accounts", "inbox", "reconnect", "logout", "quit", "watch"] {
        let said = agent.cli().run(&[command, "--json"]).await?;
        assert_eq!((said.code, said.error_code()?), (3, "AGENT_UNREACHABLE".to_owned()), "{command}");
    }
    Ok(())
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    assert_eq!(agent.cli().run(&["dance"]).await?.code, 2);
    let unknown = agent.cli().run(&["logout", "nobody", "--json"]).await?;
    assert_eq!((unknown.code, unknown.error_code()?), (1, "UNKNOWN_ACCOUNT".to_owned()));
    Ok(())
}

/// A file where the data folder should be: it can be neither read nor written, whoever runs the agent.
#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_told_of() -> Outcome {
    let desktop = Desktop::start(Furniture::NONE).await?;
    let home = desktop.folder().sub("blocked")?;
    fs::write(home.join("data"), "in the way")?;
    let options = AgentOptions { home: Some(home.clone()), ..AgentOptions::default() };
    match Agent::start_with(&desktop, options).await {
        Ok(agent) => {
            let told = agent.cli().status().await?.to_string();
            assert!(told.contains("storage_") || told.contains("inbox"), "{told}");
        }
        Err(ended) => {
            let said = ended.to_string();
            assert!(said.contains("data"), "it names the folder: {said}");
        }
    }
    assert_eq!(fs::read_to_string(home.join("data"))?, "in the way");
    Ok(())
}
