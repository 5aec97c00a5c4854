//! Commands for curl, letter by letter as they stand in the documentation of others and in ours.

use std::fs;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::{KEY, authority, documented, house, support::House};

/// Runs commands of a shell whose curl connects to the house, whatever host is asked for, and answers what was printed:
/// one JSON for each.
async fn shell(house: &House, script: &str, more: &str) -> Vec<Value> {
    let home = house.folder.path().join("curl");
    fs::create_dir_all(&home).unwrap();
    let connect =
        format!("connect-to = \"::{}\"\nnoproxy = \"*\"\nsilent\nshow-error\n{more}\n", authority(house));
    fs::write(home.join(".curlrc"), connect).unwrap();
    let output = Command::new("sh").args(["-ec", script]).env("CURL_HOME", home).output().await.unwrap();
    let (said, problem) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{script}: {problem}");
    let values = serde_json::Deserializer::from_str(&said).into_iter();
    values.collect::<Result<_, _>>().unwrap_or_else(|_| panic!("{script}: {said}"))
}

#[tokio::test]
#[ignore = "needs curl"]
async fn gotifys_own_example_works() {
    let (house, key, mut alice) = house("backup", &[]).await;
    let script = r#"curl "http://push.example.de/message?token=<apptoken>" -F "title=my title" -F "message=my message" -F "priority=5""#;
    let answers = shell(&house, &script.replace("<apptoken>", key.expose()), "").await;
    let got = alice.notification().await;
    assert_eq!((got.title.as_str(), got.body.as_str(), got.priority.number()), ("my title", "my message", 3));
    assert_eq!(answers[0]["message"], "my message");
}

#[tokio::test]
#[ignore = "needs curl"]
async fn ntfys_own_examples_work() {
    let topics =
        ["mytopic", "phil_alerts", "mydoorbell", "controversial", "reddit_alerts", "hello", "mywebhook"];
    let (house, key, mut alice) = house("ci", &topics).await;
    // theirs are about a server without accounts
    let key = format!("user = \":{}\"", key.expose());
    for (script, expected) in [
        (
            r#"curl -d "Backup successful 😀" ntfy.sh/mytopic"#,
            json!({"title": "mytopic", "body": "Backup successful 😀"}),
        ),
        (
            r#"curl \
      -H "Title: Unauthorized access detected" \
      -H "Priority: urgent" \
      -H "Tags: warning,skull" \
      -d "Remote access to phils-laptop detected. Act right away." \
      ntfy.sh/phil_alerts"#,
            json!({
                "title": "Unauthorized access detected", "priority": 5, "tags": ["warning", "skull"],
                "body": "Remote access to phils-laptop detected. Act right away."
            }),
        ),
        (
            r#"curl \
      -H "Click: https://home.nest.com/" \
      -H "Attach: https://nest.com/view/yAxkasd.jpg" \
      -H "Actions: http, Open door, https://api.nest.com/open/yAxkasd, clear=true" \
      -d "There's someone at the door. 🐶

    Please check if it's a good boy or a hooman." \
      ntfy.sh/mydoorbell"#,
            json!({
                "click_url": "https://home.nest.com/",
                "attachment": {"name": "yAxkasd.jpg", "url": "https://nest.com/view/yAxkasd.jpg"},
                "actions": [{"id": "1", "label": "Open door", "url": "https://api.nest.com/open/yAxkasd", "method": "POST"}]
            }),
        ),
        (
            r#"curl -H "t: Dogs are better than cats" -d "Oh my ..." ntfy.sh/controversial"#,
            json!({"title": "Dogs are better than cats", "body": "Oh my ..."}),
        ),
        (r#"curl -H "X-Priority: 5" -d "An urgent message" ntfy.sh/phil_alerts"#, json!({"priority": 5})),
        (r#"curl -H prio:high -d "High priority message" ntfy.sh/phil_alerts"#, json!({"priority": 4})),
        (
            r#"curl -d "New messages on Reddit" -H "Click: https://www.reddit.com/message/messages" ntfy.sh/reddit_alerts"#,
            json!({"click_url": "https://www.reddit.com/message/messages"}),
        ),
        (
            r#"curl ntfy.sh/mywebhook/publish?message=Webhook+triggered\&priority=high\&tags=warning,skull"#,
            json!({"body": "Webhook triggered", "priority": 4, "tags": ["warning", "skull"]}),
        ),
        (
            r#"curl ntfy.sh \
      -d '{
        "topic": "mytopic",
        "message": "Disk space is low at 5.1 GB",
        "title": "Low disk space alert",
        "tags": ["warning","cd"],
        "priority": 4,
        "click": "https://homecamera.lan/xasds1h2xsSsa/",
        "actions": [{ "action": "view", "label": "Admin panel", "url": "https://filesrv.lan/admin" }]
      }'"#,
            json!({
                "topic": "mytopic", "body": "Disk space is low at 5.1 GB", "title": "Low disk space alert",
                "tags": ["warning", "cd"], "priority": 4,
                "actions": [{"id": "1", "label": "Admin panel", "url": "https://filesrv.lan/admin"}]
            }),
        ),
        (r#"echo Hello | curl -T - ntfy.sh/hello"#, json!({"body": "Hello"})),
    ] {
        let answers = shell(&house, script, &key).await;
        let got = serde_json::to_value(alice.notification().await).unwrap();
        assert_eq!(answers.iter().map(|answer| &answer["id"]).collect::<Vec<_>>(), [&got["id"]]);
        for (field, expected) in expected.as_object().unwrap() {
            assert_eq!(&got[field], expected, "{field} of {script}");
        }
    }
}

#[tokio::test]
#[ignore = "needs curl"]
async fn our_own_examples_work() {
    let (house, key, mut alice) = house("backup", &[]).await;
    let script = documented("**curl**").replace(KEY, key.expose()).replace("https://", "http://");
    assert_eq!(shell(&house, &script, "").await.len(), 2);
    for priority in [3, 4] {
        let got = alice.notification().await;
        assert_eq!(
            (got.title.as_str(), got.body.as_str(), got.priority.number()),
            ("Backup", "done", priority)
        );
    }
}
