//! Buttons, links and pictures: what a notification brings along, and who may touch it.

use tidings_agent::toast::{self, Press};
use tidings_control::{Failure, FailureCode, Item, Picture, Reply, Request};
use tidings_protocol::{Action, Attachment};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::stage::{Computer, Running, World, soon};

/// Somewhere on the web: answers every request alike, and tells of it.
struct Elsewhere {
    url: String,
    asked: mpsc::UnboundedReceiver<String>,
}

impl Elsewhere {
    async fn answering(status: &str, body: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        let (sender, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    asked.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8_lossy(&asked).to_lowercase();
                let carried =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                let mut carried = vec![0; carried.unwrap_or_default()];
                stream.read_exact(&mut carried).await.unwrap();
                asked.extend(carried);
                let _ = sender.send(String::from_utf8(asked).unwrap());
                let _ = stream.write_all(&[reply.as_bytes(), body].concat()).await;
            }
        });
        Self { url, asked }
    }

    /// The first line of the next request.
    async fn next(&mut self) -> String {
        let asked = soon("a request", self.asked.recv()).await.unwrap();
        assert!(!asked.to_lowercase().contains("authorization"), "{asked}");
        asked.lines().next().unwrap().to_owned()
    }

    fn was_not_asked(&mut self) {
        assert_eq!(self.asked.try_recv().ok(), None);
    }
}

fn button(id: &str, label: &str, url: String, method: Option<&str>) -> Action {
    Action { id: id.into(), label: label.into(), url, method: method.map(str::to_owned), ..Action::default() }
}

async fn with_buttons(world: &World, agent: &mut Running, buttons: Vec<Action>) -> Item {
    world.publish_as("Deploy?", |request| request.actions = buttons).await;
    agent.notification().await
}

async fn act(agent: &Running, id: i64, action: &str) -> Result<Reply, Failure> {
    soon("the button's answer", agent.client.call(Request::Act { id, action: action.into() })).await
}

#[tokio::test]
async fn a_button_does_what_it_says_once_somebody_presses_it() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let mut there = Elsewhere::answering("204 No Content", b"").await;
    let buttons = vec![
        button("yes", "Yes", format!("{}/yes", there.url), Some("POST")),
        button("look", "Look", "https://example.com/look".into(), None),
    ];
    let item = with_buttons(&world, &mut agent, buttons).await;
    there.was_not_asked();

    assert_eq!(act(&agent, item.id, "yes").await, Ok(Reply::Done));
    assert_eq!(there.next().await, "POST /yes HTTP/1.1");
    assert_eq!(act(&agent, item.id, "look").await, Ok(Reply::Done));
    assert_eq!(computer.desktop.done(), ["link https://example.com/look"]);
    for (id, action, code) in [
        (item.id, "no", FailureCode::ActionFailed),
        (item.id, "default", FailureCode::ActionFailed),
        (9999, "yes", FailureCode::UnknownNotification),
    ] {
        assert_eq!(act(&agent, id, action).await.unwrap_err().code, code, "{action}");
    }
    there.was_not_asked();
}

#[tokio::test]
async fn a_button_carries_what_its_publisher_gave_it_and_nobody_else_sees_that() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let mut there = Elsewhere::answering("200 OK", b"").await;
    let calling = |id: &str, name: &str, value: &str| Action {
        headers: [(name.to_owned(), value.to_owned())].into(),
        body: Some("{\"open\":true}".into()),
        ..button(id, "Go", format!("{}/door", there.url), Some("PUT"))
    };
    let copy = Action { copy: Some("123456".into()), ..button("copy", "Copy", String::new(), None) };
    let buttons = vec![calling("go", "X-Key", "hush-hush"), calling("host", "Host", "evil.example"), copy];
    let item = with_buttons(&world, &mut agent, buttons).await;
    let told = serde_json::to_string(&item).unwrap();
    assert!(!told.contains("hush-hush") && !told.contains("open\\\""), "{told}");
    assert_eq!(item.actions[2].copy.as_deref(), Some("123456"));

    assert_eq!(act(&agent, item.id, "go").await, Ok(Reply::Done));
    let asked = soon("a request", there.asked.recv()).await.unwrap();
    assert!(asked.starts_with("PUT /door HTTP/1.1"), "{asked}");
    assert!(asked.to_lowercase().contains("x-key: hush-hush"), "{asked}");
    assert!(asked.ends_with("{\"open\":true}"), "{asked}");
    let refused = act(&agent, item.id, "host").await.unwrap_err();
    assert_eq!(refused.code, FailureCode::ActionFailed);
    assert!(refused.message.contains("Host") && !refused.message.contains("evil"), "{}", refused.message);
    assert_eq!(act(&agent, item.id, "copy").await.unwrap_err().code, FailureCode::ActionFailed);
    there.was_not_asked();
    let shown = agent.toast().await;
    assert_eq!(shown.own.len(), 2, "what copies is for the window: {:?}", shown.own);
}

#[tokio::test]
async fn a_file_is_opened_like_a_link_unless_it_is_gone() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let file = |expires_at| Attachment {
        name: "log.txt".into(),
        url: "https://files.example.com/log.txt".into(),
        expires_at,
        ..Attachment::default()
    };
    world.publish_as("With a file", |request| request.attachment = Some(file(None))).await;
    let with = agent.notification().await;
    assert_eq!(with.attachment.as_ref().unwrap().name, "log.txt");
    agent.done(Request::OpenAttachment { id: with.id }).await;
    assert_eq!(computer.desktop.done(), ["link https://files.example.com/log.txt"]);
    let long_ago = Some(OffsetDateTime::UNIX_EPOCH);
    world.publish_as("With one that is gone", |request| request.attachment = Some(file(long_ago))).await;
    let gone = agent.notification().await;
    world.publish("Without").await;
    let without = agent.notification().await;
    for (id, word) in [(gone.id, "1970-01-01"), (without.id, "no file")] {
        let refused = agent.client.call(Request::OpenAttachment { id }).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::LinkRefused);
        assert!(refused.message.contains(word), "{}", refused.message);
    }
    assert_eq!(computer.desktop.done().len(), 1);
}

#[tokio::test]
async fn a_button_that_fails_says_so_to_whoever_pressed_it() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let there = Elsewhere::answering("503 Service Unavailable", b"busy").await;
    let item =
        with_buttons(&world, &mut agent, vec![button("go", "Go", there.url.clone(), Some("PUT"))]).await;
    let failure = act(&agent, item.id, "go").await.unwrap_err();
    assert_eq!((failure.code, failure.message.contains("503")), (FailureCode::ActionFailed, true));

    let shown = agent.toast().await;
    assert_eq!(shown.own.iter().map(|own| own.label.as_str()).collect::<Vec<_>>(), ["Go"]);
    let pressed = toast::Event::Pressed { item: item.id, press: Press::Act("go".into()), activation: None };
    agent.clicks.send(pressed).await.unwrap();
    let told = agent.toast().await;
    assert_eq!(told.title, "“Go” didn't work");
    assert!(told.body.contains("503"), "{told:?}");
    assert!(agent.inbox().await[0].read, "who pressed it has seen it");
}

#[tokio::test]
async fn mark_read_on_a_toast_is_read_here_and_on_the_server() {
    let (world, computer) = (World::start().await, Computer::new());
    let other = Computer::new();
    let (mut agent, mut elsewhere) = (computer.start().await, other.start().await);
    agent.sign_in(&world).await;
    elsewhere.sign_in(&world).await;
    world.publish("Hello").await;
    let (toast, there) = (agent.toast().await, elsewhere.notification().await);
    assert!(toast.readable);
    let pressed = toast::Event::Pressed { item: toast.item, press: Press::MarkRead, activation: None };
    agent.clicks.send(pressed).await.unwrap();
    let ids = elsewhere
        .event("that it was read", |event| match event {
            tidings_control::Event::Read { ids } => Some(ids),
            _ => None,
        })
        .await;
    assert_eq!(ids, [there.id]);
    assert!(agent.inbox().await[0].read);
    assert_eq!(computer.desktop.done(), [] as [&str; 0], "nothing was opened");
}

#[tokio::test]
async fn a_click_on_a_toast_opens_its_link() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish_as("with", |request| request.click_url = Some("https://example.com/x".into())).await;
    let toast = agent.toast().await;
    let click = toast::Event::Activated { item: toast.item, activation: Some("token".into()) };
    agent.clicks.send(click).await.unwrap();
    assert_eq!(computer.desktop.first().await, "link https://example.com/x");
    assert!(agent.inbox().await[0].read);
    assert_eq!(computer.desktop.done().len(), 1, "the link is enough");
}

#[tokio::test]
async fn a_link_in_a_body_is_opened_if_it_stands_there() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let body = "See [it](https://example.com/a?b#c), or file:///etc.";
    world.publish_as("x", |request| request.body = body.to_owned()).await;
    let id = agent.notification().await.id;
    let open = |url: &str| Request::OpenLink { id, url: Some(url.to_owned()) };
    agent.done(open("https://example.com/a?b#c")).await;
    for url in ["https://example.com/other", "file:///etc", "", "See"] {
        assert_eq!(agent.client.call(open(url)).await.unwrap_err().code, FailureCode::LinkRefused, "{url}");
    }
    assert_eq!(computer.desktop.done(), ["link https://example.com/a?b#c"]);
}

const GIF: &[u8] = b"GIF89a and so on";

#[tokio::test]
async fn a_picture_is_fetched_when_asked_for_and_only_if_it_is_one() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let mut icon = Elsewhere::answering("200 OK", GIF).await;
    let drawing = Elsewhere::answering("200 OK", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await;
    let gone = Elsewhere::answering("404 Not Found", GIF).await;
    let named = format!("{}/icon", icon.url);
    let large = format!("{}/large", icon.url);
    world
        .publish_as("x", |request| {
            request.icon_url = Some(named.clone());
            request.image_url = Some(large.clone());
            request.body = format!("![]({}) ![]({})", drawing.url, gone.url);
        })
        .await;
    let id = agent.notification().await.id;
    icon.was_not_asked();

    let fetch = |url: &str| agent.client.call(Request::Picture { id, url: url.to_owned() });
    let Ok(Reply::Picture(Picture { media_type, base64 })) = soon("a picture", fetch(&named)).await else {
        panic!("it was not fetched")
    };
    assert_eq!((media_type.as_str(), base64.as_str()), ("image/gif", "R0lGODlhIGFuZCBzbyBvbg=="));
    assert_eq!(icon.next().await, "GET /icon HTTP/1.1");
    assert!(matches!(soon("the large one", fetch(&large)).await, Ok(Reply::Picture(_))));
    assert_eq!(icon.next().await, "GET /large HTTP/1.1");
    for (url, why) in [
        (drawing.url.as_str(), "neither"),
        (gone.url.as_str(), "404"),
        (&format!("{}/other", icon.url), "names no such picture"),
    ] {
        let failure = soon("a refusal", fetch(url)).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::PictureUnavailable, "{url}");
        assert!(failure.message.contains(why), "{failure}");
    }
    icon.was_not_asked();
}
