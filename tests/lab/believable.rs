use serde_json::{Value, json};

/// What [`believable`] publishes to.
pub const TOPICS: [&str; 8] =
    ["backups", "ci", "releases", "home", "certificates", "reviews", "disks", "payments"];

/// What a person with servers to look after may find in the inbox, oldest first: of every priority, with and without text,
/// topic, tags, link and buttons, short and long.
pub fn believable() -> Vec<Value> {
    vec![
        json!({
            "title": "Backup finished", "body": "212 GB in 38 min, nothing skipped", "priority": 2,
            "topic": "backups", "tags": ["nightly"]
        }),
        json!({
            "title": "Build 1284 passed", "body": "main · 4 min 12 s · 318 tests", "priority": 3,
            "topic": "ci", "tags": ["white_check_mark", "main"],
            "click_url": "https://example.com/builds/1284"
        }),
        json!({
            "title": "Release 2.4.0 is out",
            "body": "**New in this release**\n\n- Exports as JSON\n- Quiet hours by weekday\n- A faster search\n\nThe \
                [notes](https://example.com/releases/2.4.0) have it all. Update with `apt upgrade tidings`.",
            "priority": 3, "topic": "releases", "click_url": "https://example.com/releases/2.4.0"
        }),
        json!({ "title": "The kettle is ready", "priority": 1, "topic": "home" }),
        json!({
            "title": "Certificate expires in 7 days",
            "body": "alerts.example.com · renew it before Friday", "priority": 4, "topic": "certificates"
        }),
        json!({
            "title": "A person whose name is quite long has commented on a pull request whose title is longer still",
            "body": "I think that this could be simpler: what is decided here has been decided once before, by the part \
                that reads the settings, and whoever changes one of the two will not find the other.",
            "priority": 3, "topic": "reviews"
        }),
        json!({
            "title": "Disk almost full on db-2", "body": "94 % of /var is used; 6 h left at this pace",
            "priority": 4, "topic": "disks", "tags": ["warning", "db-2"],
            "actions": [
                { "id": "graph", "label": "Show graph", "url": "https://example.com/graphs/db-2" },
                { "id": "ack", "label": "Acknowledge", "url": "https://example.com/ack/db-2", "method": "POST" }
            ]
        }),
        json!({
            "title": "Payment service is down", "body": "3 of 3 probes have failed since 14:02", "priority": 5,
            "topic": "payments", "tags": ["rotating_light"], "click_url": "https://example.com/status",
            "actions": [{ "id": "runbook", "label": "Open runbook", "url": "https://example.com/runbooks/payments" }]
        }),
    ]
}
