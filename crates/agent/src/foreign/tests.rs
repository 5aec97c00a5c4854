use proptest::prelude::*;

use super::*;

const GOTIFY_TRAY: &str = r#"[General]
geometry=@ByteArray(\x1\xd9\xd0\xcb\0\x3\0\0)

[Server]
client_token=CkAYcWVLYRcUJ2v
url=https://gotify.example.com

[message]
last=42
"#;

const NTFY: &str = r#"# ntfy client config file
#
# default-host: https://elsewhere.example

default-host: https://ntfy.example.com   # at home
default-user: "phil"
default-password: 'it''s "mine"'
default-command: |
  notify-send "$m"
  echo done

subscribe:
  - topic: disks
  - topic: builds
    command: 'echo "$message"'
    if:
      priority: high,urgent
      user: not-a-key
  - topic: ntfy.sh/echo-this
  - topic: http://10.0.0.7:8080/lan
    token: tk_ofthelan
  - topic: guests
    user: ""
"#;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn places(&self) -> Places {
        let at = |name: &str| vec![self.0.path().join(name)];
        Places { gotify_tray: at("gotify-tray.conf"), ntfy: at("client.yml") }
    }

    fn with(name: &str, text: impl AsRef<[u8]>) -> Result<Vec<Found>, Failure> {
        let desk = Self::new();
        std::fs::write(desk.0.path().join(name), text).unwrap();
        find(&desk.places())
    }
}

#[test]
fn gotify_tray_has_one_server_and_a_token() {
    let found = Desk::with("gotify-tray.conf", GOTIFY_TRAY).unwrap();
    let [only] = found.as_slice() else { panic!("{found:?}") };
    let shown = only.shown(false);
    assert_eq!((shown.server.as_str(), shown.proof), ("https://gotify.example.com/", Proof::Token));
    assert_eq!((shown.program, shown.dialect), (Program::GotifyTray, Dialect::Gotify));
    let sign_in = only.sign_in();
    assert_eq!((exposed(&sign_in.token), sign_in.guest), ("CkAYcWVLYRcUJ2v", false));
    let quoted = "[Server]\nurl=\"https://gotify.example.com/a;b\"\nclient_token=\"A\\\\B\\x2d\"\n";
    assert_eq!(exposed(&Desk::with("gotify-tray.conf", quoted).unwrap()[0].sign_in().token), "A\\B-");
}

fn exposed(secret: &secrecy::SecretString) -> &str {
    use secrecy::ExposeSecret;
    secret.expose_secret()
}

#[test]
fn ntfy_has_topics_by_server_and_by_who_asks() {
    let found = Desk::with("client.yml", NTFY).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|found| {
            let Foreign { server, username, proof, topics, .. } = found.shown(false);
            (server, username, proof, topics.join(" "))
        })
        .collect();
    let account = |server: &str, user: &str, proof, topics: &str| {
        (server.to_owned(), user.to_owned(), proof, topics.to_owned())
    };
    assert_eq!(
        told,
        [
            account("https://ntfy.example.com/", "phil", Proof::Password, "disks builds"),
            account("https://ntfy.sh/", "", Proof::Nothing, "echo-this"),
            account("http://10.0.0.7:8080/", "", Proof::Token, "lan"),
            account("https://ntfy.example.com/", "", Proof::Nothing, "guests"),
        ]
    );
    let sign_in = found[0].sign_in();
    assert_eq!((exposed(&sign_in.password), sign_in.allow_unencrypted), ("it's \"mine\"", false));
    assert!(found[1].sign_in().guest && found[2].sign_in().allow_unencrypted);
    let usual = Desk::with("client.yml", "default-token: tk_abc\nsubscribe:\n- topic: mine\n").unwrap();
    assert_eq!(usual[0].shown(false).server, "https://ntfy.sh/");
    assert_eq!(exposed(&usual[0].sign_in().token), "tk_abc");
}

#[test]
fn nothing_secret_is_shown_and_each_has_a_name_of_its_own() {
    let mut found = Desk::with("client.yml", NTFY).unwrap();
    found.extend(Desk::with("gotify-tray.conf", GOTIFY_TRAY).unwrap());
    let told =
        serde_json::to_string(&found.iter().map(|found| found.shown(true)).collect::<Vec<_>>()).unwrap();
    let debug = format!("{found:?}");
    for secret in ["it's", "tk_ofthelan", "CkAYcWVLYRcUJ2v"] {
        assert!(!told.contains(secret) && !debug.contains(secret), "{secret}");
    }
    let ids: std::collections::HashSet<_> = found.iter().map(Found::id).collect();
    assert_eq!(ids.len(), found.len());
}

#[test]
fn where_there_is_nothing_nothing_is_found() {
    assert!(find(&Desk::new().places()).unwrap().is_empty());
    for (name, text) in [
        ("gotify-tray.conf", ""),
        ("gotify-tray.conf", "[Server]\nurl=https://gotify.example.com\n"),
        ("gotify-tray.conf", "[Other]\nurl=https://gotify.example.com\nclient_token=abc\n"),
        ("client.yml", "# nothing\n"),
        ("client.yml", "default-host: https://ntfy.example.com\nsubscribe: []\n"),
        ("client.yml", "default-host: https://ntfy.example.com\nsubscribe:\n"),
    ] {
        assert!(Desk::with(name, text).unwrap().is_empty(), "{text}");
    }
}

#[test]
fn a_file_of_another_form_is_told_of_without_what_stands_in_it() {
    let long = format!("# {}\n", "x".repeat(300 * 1024));
    for (name, text) in [
        ("client.yml", b"\xff\xfe\x00".as_slice()),
        ("client.yml", long.as_bytes()),
        ("client.yml", b"subscribe: {topic: hush}\n"),
        ("client.yml", b"subscribe:\n  topic: hush\n"),
        ("client.yml", b"default-token: &hush x\n"),
        ("client.yml", b"default-password: \"hush\n"),
        ("client.yml", b"subscribe:\n  - topic: \"hush now\"\n"),
        ("client.yml", b"default-host: \"ftp://hush\"\nsubscribe:\n  - topic: a\n"),
        ("gotify-tray.conf", b"[Server]\nurl=ftp://hush\nclient_token=abc\n"),
        ("gotify-tray.conf", b"[Server]\nurl=https://a.example\nclient_token=@Variant(hush)\n"),
        ("gotify-tray.conf", b"[Server]\nurl=https://a.example\nclient_token=\"hush\\x1b\"\n"),
    ] {
        let failure = Desk::with(name, text).unwrap_err();
        assert_eq!(
            failure.code,
            FailureCode::BadRequest,
            "{}",
            String::from_utf8_lossy(&text[..20.min(text.len())])
        );
        assert!(failure.message.contains(name) && !failure.message.contains("hush"), "{}", failure.message);
    }
}

#[test]
fn a_key_goes_to_its_own_server_however_that_is_written() {
    for (written, topics) in [
        ("\u{feff}default-host: https://own.example", "subscribe:\n- topic: t"),
        ("default-host: https://own.example\r", "subscribe:\r\n  - topic: t\r"),
        ("\"default-host\": https://own.example", "'subscribe':\n  - \"topic\": t"),
        ("default-host : https://own.example", "subscribe :\n  - topic : t"),
        ("default-host:\thttps://own.example", "subscribe:\n  -  topic:\tt\n     command: 'x: y'"),
        ("---\ndefault-host: 'https://own.example' # mine", "subscribe: # all\n  - topic: t\n    user: Null"),
    ] {
        for keys_first in [true, false] {
            let key = "default-token: tk_secret\n";
            let text = match keys_first {
                true => format!("{written}\n{key}{topics}\n"),
                false => format!("{written}\n{topics}\n{key}"),
            };
            let found = Desk::with("client.yml", &text).unwrap();
            let shown: Vec<_> = found.iter().map(|found| found.shown(false).server).collect();
            assert_eq!(shown, ["https://own.example/"], "{text:?}");
        }
    }
    let bom = "\u{feff}[Server]\r\nurl=https://gotify.example.com\r\nclient_token=abc\r\n";
    assert_eq!(Desk::with("gotify-tray.conf", bom).unwrap().len(), 1);
}

#[test]
fn what_may_say_something_else_than_it_seems_is_refused() {
    for text in [
        // the address stands on another line, or is the end of a name that goes on
        "default-host:\n  https://own.example\ndefault-token: hush\nsubscribe:\n- topic: t\n",
        "default-host: https://own\n  .example\ndefault-token: hush\nsubscribe:\n- topic: t\n",
        "? default-host\n: https://own.example\ndefault-token: hush\nsubscribe:\n- topic: t\n",
        "\"default\\x2dhost\": https://own.example\ndefault-token: hush\nsubscribe:\n- topic: t\n",
        "\tdefault-host: https://own.example\ndefault-token: hush\nsubscribe:\n- topic: t\n",
        "default-host: https://own.example\rdefault-token: hush\nsubscribe:\n- topic: t\n",
        // another entry's key
        "subscribe:\n  - topic: t\n    token: hush\n  -\n    topic: other.example/u\n",
        "subscribe:\n  - topic: t\n    token:\n      hush\n",
        "subscribe:\n  - topic: t\n    <<: *all\n",
        "subscribe:\n  - {topic: t, token: hush}\n",
        "subscribe:\n  - topic: t\n  - *other\n",
        "default-host: https://alice:hush@own.example\nsubscribe:\n- topic: t\n",
    ] {
        let failure = Desk::with("client.yml", text).expect_err(text);
        assert!(!failure.message.contains("hush"), "{}", failure.message);
    }
}

#[test]
fn what_is_no_file_of_ones_own_is_not_waited_for() {
    let desk = Desk::new();
    std::fs::create_dir(desk.0.path().join("client.yml")).unwrap();
    assert!(find(&desk.places()).unwrap_err().message.contains("no text"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/dev/zero", desk.0.path().join("gotify-tray.conf")).unwrap();
        assert!(find(&desk.places()).unwrap_err().message.contains("no text"));
    }
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other() {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("client.yml"), "subscribe: *all\n").unwrap();
    std::fs::write(desk.0.path().join("gotify-tray.conf"), GOTIFY_TRAY).unwrap();
    assert_eq!(find(&desk.places()).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_it_is_read_or_refused(
        text in "([ -~\t\u{e9}\u{1f514}]{0,20}|subscribe:|  - topic: |default-host: |\\[Server\\]|url=|client_token=|\n|\\\\x|\"|'){0,40}"
    ) {
        for read in [gotify_tray::read as Reader, ntfy::read as Reader] {
            for found in read(Path::new("file"), &text).unwrap_or_default() {
                let shown = found.shown(false);
                prop_assert!(shown.server.starts_with("http"));
                prop_assert!(shown.topics.iter().all(|topic| !topic.is_empty()));
            }
        }
    }
}
