//! Servers of other kinds in the window: found by their address, signed in to, read, acted on, left. What is wrong is
//! said at the field that it belongs to.

use serde_json::json;
use tidings_control::State;
use tidings_lab::{
    Agent, Outcome, PATIENCE, Server, ServerOptions,
    desktop::{Desktop, Furniture},
    keys, until,
};
use tidings_peers::{Access, Gotify, GotifyOptions, Ntfy, NtfyOptions};

use crate::{
    scene::QUIET_DESK,
    window::{DrivenPage, open_window, start_agent_alone},
};

/// A person who has no account yet. The fields are in the order in which they are to end.
struct Newcomer {
    page: DrivenPage,
    agent: Agent,
    _desktop: Desktop,
}

impl Newcomer {
    async fn at(furniture: Furniture) -> Outcome<Self> {
        let desktop = Desktop::start(furniture).await?;
        let agent = start_agent_alone(&desktop).await?;
        let page = open_window(&desktop).await?;
        page.part("sign-in").await?;
        Ok(Self { page, agent, _desktop: desktop })
    }

    /// Enters an address, and waits until the form is that of such a server.
    async fn finds(&self, server: &str, dialect: &str) -> Outcome {
        self.page.fill("server", server).await?;
        self.page.element(&format!("[data-testid='kind'][data-dialect='{dialect}']")).await.map(drop)
    }

    /// Chooses what to sign in with; the choice itself is beneath its label.
    async fn proves_by(&self, proof: &str) -> Outcome {
        let choice = format!("document.querySelector('[data-testid=proof-{proof}]')");
        self.page.when(&format!("{proof} can be chosen"), &choice).await?;
        self.page.run(&format!("{choice}.click()")).await.map(drop)
    }

    async fn signs_in(&self, user: &str, password: &str) -> Outcome {
        self.page.fill("username", user).await?;
        self.page.fill("password", password).await?;
        self.page.press("submit").await
    }

    /// Waits until so many accounts are connected, and the inbox shows.
    async fn is_connected(&self, accounts: usize) -> Outcome {
        let connected = |snapshot: &tidings_control::Snapshot| {
            let live = snapshot.accounts.iter().filter(|account| account.status.state == State::Connected);
            live.count() == accounts
        };
        self.agent.when(&format!("{accounts} accounts are connected"), connected).await?;
        self.page.part("nav-settings").await.map(drop)
    }

    async fn adds_another(&self) -> Outcome {
        self.page.press("nav-settings").await?;
        self.page.press("add-account").await?;
        self.page.part("sign-in").await.map(drop)
    }

    /// Opens the row of this title. What is open may stand in the list's place, and is left first.
    async fn opens(&self, title: &str) -> Outcome {
        if self.page.count("[data-testid='detail']").await? > 0 {
            self.page.chord(&[], keys::ESCAPE).await?;
        }
        let row = format!(
            "[...document.querySelectorAll('[data-testid=inbox-row]')]
            .find((row) => row.querySelector('.title').textContent.includes({}))",
            json!(title)
        );
        self.page.when(&format!("there is a row {title}"), &row).await?;
        self.page.run(&format!("{row}.click()")).await?;
        self.page.part("detail").await.map(drop)
    }

    /// Signs out of the account that is the only one with this server.
    async fn signs_out(&self, server: &str) -> Outcome {
        let accounts = self.agent.snapshot().await?.accounts;
        let account = accounts.iter().find(|account| account.server.as_str().trim_end_matches('/') == server);
        let id = account.map(|account| account.id.clone()).unwrap_or_default();
        self.page.press("nav-settings").await?;
        let entry = format!("[data-account='{id}']");
        let choices = self.page.element(&format!("{entry} [data-testid='account-choices']")).await?;
        if choices.attr("aria-expanded").await?.as_deref() != Some("true") {
            choices.click().await?;
        }
        self.page.element(&format!("{entry} [data-testid='sign-out']")).await?.click().await?;
        self.page.element(&format!("{entry} [data-testid='sign-out-confirm']")).await?.click().await?;
        self.agent
            .when("the account is signed out", |snapshot| {
                let of = snapshot.accounts.iter().find(|account| account.id == id);
                of.is_none_or(|account| !account.signed_in)
            })
            .await?;
        // what stands below moves up now, and is not where a click would go
        // after the last one, the sign-in page is there instead
        let drawn = format!("{entry} [data-testid='account-sign-in'], [data-testid='sign-in']");
        self.page.element(&drawn).await.map(drop)
    }

    /// Waits until the page complains at a field, and in these words.
    async fn is_told(&self, field: &str, words: &str) -> Outcome {
        let part = format!("document.querySelector('[data-testid=error-{field}]')");
        let says = format!("{part} && {part}.textContent.includes({})", json!(words));
        self.page.when(&format!("the page says {words:?} at {field}"), &says).await
    }
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn one_account_of_each_kind_is_added_by_its_address_receives_acts_and_is_signed_out() -> Outcome {
    let server = Server::start(ServerOptions::default()).await?;
    let gotify = Gotify::start(GotifyOptions::default()).await?;
    let ntfy = Ntfy::start(NtfyOptions { access: Access::Deny, ..NtfyOptions::default() }).await?;
    ntfy.allow(Some(Ntfy::USER), "*", Access::ReadWrite);
    ntfy.allow(None, "pressed", Access::Write);
    let alice = Newcomer::at(QUIET_DESK).await?;

    alice.finds(server.url(), "ticket").await?;
    alice.signs_in(Server::USER, Server::PASSWORD).await?;
    alice.is_connected(1).await?;
    alice.adds_another().await?;
    alice.finds(&gotify.url(), "gotify").await?;
    alice.signs_in(Gotify::USER, Gotify::PASSWORD).await?;
    alice.is_connected(2).await?;
    assert_eq!(gotify.clients().len(), 1, "a client was made");
    alice.adds_another().await?;
    alice.finds(&ntfy.url(), "ntfy").await?;
    alice.page.fill("topics", "doors, windows").await?;
    alice.proves_by("password").await?;
    alice.signs_in(Ntfy::USER, Ntfy::PASSWORD).await?;
    alice.is_connected(3).await?;
    assert_eq!(
        (ntfy.tokens().len(), ntfy.counts().open),
        (1, 1),
        "a token was made, and all topics share a socket"
    );

    server.publish("from Tidings").await?;
    let markdown = json!({ "client::display": { "contentType": "text/markdown" } });
    gotify.publish(
        &json!({ "title": "from Gotify", "message": "it is **done**", "priority": 8, "extras": markdown }),
    );
    let pressed = format!("{}/pressed", ntfy.url());
    ntfy.publish(
        "windows",
        &json!({
            "title": "from ntfy", "message": "one is open", "tags": ["warning"],
            "actions": [
                { "action": "copy", "label": "Copy the code", "value": "4711" },
                { "action": "http", "label": "Close it", "url": pressed, "method": "POST", "body": "close" }
            ]
        }),
    );
    alice.opens("from Tidings").await?;
    alice.opens("from Gotify").await?;
    alice.page.when("Markdown is shown", "document.querySelector('[data-testid=body] strong')").await?;
    alice.opens("from ntfy").await?;
    let button = |label: &str| {
        format!(
            "[...document.querySelectorAll('[data-testid=detail] button')].find((button) => button.textContent.includes('{label}'))"
        )
    };
    for label in ["Copy the code", "Close it"] {
        alice.page.when(&format!("there is a button {label}"), &button(label)).await?;
        alice.page.run(&format!("{}.click()", button(label))).await?;
    }
    alice.page.press("call-confirm").await?;
    until(PATIENCE, "the button's call is made", async || {
        Ok(ntfy.asked().iter().any(|asked| asked.path == "/pressed" && asked.status == 200).then_some(()))
    })
    .await?;

    alice.signs_out(&gotify.url()).await?;
    let revoked = async || Ok(gotify.clients().is_empty().then_some(()));
    until(PATIENCE, "the client that was made is deleted", revoked).await?;
    alice.signs_out(&ntfy.url()).await?;
    let revoked = async || Ok(ntfy.tokens().is_empty().then_some(()));
    until(PATIENCE, "the token that was made is deleted", revoked).await?;
    alice.signs_out(server.url()).await?;
    let sockets = async { tokio::join!(gotify.until(|it| it.open == 0), ntfy.until(|it| it.open == 0)) };
    assert!(matches!(sockets.await, (Ok(_), Ok(_))), "nothing is left open");
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_wrong_kind_a_wrong_token_and_a_wrong_password_are_told_where_they_were_entered() -> Outcome {
    let gotify = Gotify::start(GotifyOptions::default()).await?;
    let alice = Newcomer::at(QUIET_DESK).await?;
    // chosen by hand, and another one is there
    alice.page.element("[data-testid='options'] summary").await?.click().await?;
    alice.page.part("dialect").await?.select_by_value("ntfy").await?;
    alice.page.fill("server", &gotify.url()).await?;
    alice.page.fill("topics", "doors").await?;
    alice.proves_by("nobody").await?;
    alice.page.press("submit").await?;
    alice.is_told("server", "another kind of server").await?;
    alice.page.part("dialect").await?.select_by_index(0).await?;
    alice.finds(&gotify.url(), "gotify").await?;
    alice.proves_by("token").await?;
    alice.page.fill("token", "Cnobodys.token").await?;
    alice.page.press("submit").await?;
    alice.is_told("token", "does not accept this token").await?;
    alice.proves_by("password").await?;
    alice.signs_in(Gotify::USER, "not her password").await?;
    alice.is_told("password", "wrong").await?;
    assert!(gotify.clients().is_empty() && alice.agent.snapshot().await?.accounts.is_empty());

    // and a token of one's own works, and is still there after signing out
    let token = gotify.client("made by hand");
    alice.proves_by("token").await?;
    alice.page.fill("token", &token).await?;
    alice.page.press("submit").await?;
    alice.is_connected(1).await?;
    alice.signs_out(&gotify.url()).await?;
    assert_eq!(gotify.clients(), ["made by hand"]);
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_topic_that_may_not_be_read_is_named_and_the_others_can_be_had_without_an_account() -> Outcome {
    let ntfy = Ntfy::start(NtfyOptions::default()).await?;
    ntfy.allow(None, "secret", Access::Deny);
    let alice = Newcomer::at(QUIET_DESK).await?;
    alice.finds(&ntfy.url(), "ntfy").await?;
    alice.page.fill("topics", "doors secret").await?;
    alice.proves_by("nobody").await?;
    alice.page.press("submit").await?;
    alice.is_told("topics", "“secret”").await?;
    alice.proves_by("token").await?;
    alice.page.fill("token", "tk_nononononononononononononono").await?;
    alice.page.press("submit").await?;
    alice.is_told("token", "does not accept this token").await?;
    alice.proves_by("nobody").await?;
    alice.page.fill("topics", "doors").await?;
    alice.page.press("submit").await?;
    alice.is_connected(1).await?;
    ntfy.publish("doors", &json!({ "title": "for everybody", "message": "m" }));
    alice.opens("for everybody").await
}
