use std::time::Duration;

use fantoccini::{
    Client, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
};

use crate::{Outcome, Trouble, desktop::Picture, patience::PATIENCE, until, within};

/// Keys that no character stands for, as WebDriver writes them (WebDriver, "Keyboard actions").
pub mod keys {
    #![allow(missing_docs, reason = "they are called what is printed on them")]

    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const SHIFT: char = '\u{e008}';
    pub const CONTROL: char = '\u{e009}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const PAGE_UP: char = '\u{e00e}';
    pub const PAGE_DOWN: char = '\u{e00f}';
    pub const END: char = '\u{e010}';
    pub const HOME: char = '\u{e011}';
    pub const UP: char = '\u{e013}';
    pub const DOWN: char = '\u{e015}';
    pub const DELETE: char = '\u{e017}';
}

/// The page in a window that a driver has started.
#[derive(Debug)]
pub struct Page {
    client: Client,
}

impl Page {
    pub(crate) fn of(client: Client) -> Self {
        Self { client }
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn go(&self, address: &str) -> Outcome {
        Ok(self.client.goto(address).await?)
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn element(&self, css: &str) -> Outcome<Element> {
        self.find(&format!("an element {css}"), Locator::Css(css)).await
    }

    /// Waits for the part of the page that carries a `data-testid`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn part(&self, id: &str) -> Outcome<Element> {
        self.element(&format!("[data-testid='{id}']")).await
    }

    /// Presses a part, once it can be pressed: by a click, and by the keyboard where the page is enlarged, as the driver
    /// would click beside it.
    ///
    /// # Errors
    /// When there is no such part.
    pub async fn press(&self, id: &str) -> Outcome {
        let part = format!("[data-testid='{id}']:not([disabled])");
        let element = self.element(&part).await?;
        if self.run("return innerWidth === outerWidth").await? == true {
            return Ok(element.click().await?);
        }
        self.run(&format!("document.querySelector({}).focus()", serde_json::json!(part))).await?;
        self.chord(&[], keys::ENTER).await
    }

    /// Types into the field with a name, in place of what is there.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, name: &str, text: &str) -> Outcome {
        let field = self.element(&format!("[name='{name}']")).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// What the field with a name holds.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn value(&self, name: &str) -> Outcome<String> {
        Ok(self.element(&format!("[name='{name}']")).await?.prop("value").await?.unwrap_or_default())
    }

    /// Waits until the page says `text`; case does not matter.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn says(&self, text: &str) -> Outcome {
        self.says_within(PATIENCE, text).await
    }

    /// Waits for so long until the page says `text`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn says_within(&self, limit: Duration, text: &str) -> Outcome {
        let wanted = text.to_lowercase();
        let says = async || Ok(self.text().await?.to_lowercase().contains(&wanted).then_some(()));
        let result = until(limit, text, says).await;
        self.explained(&format!("the page says {text:?}"), result).await
    }

    /// All that the page says.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn text(&self) -> Outcome<String> {
        let text =
            self.client.execute("return document.body ? document.body.innerText : ''", Vec::new()).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// What a script returns.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(&self, script: &str) -> Outcome<serde_json::Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// What a script hands to the function that is its last argument.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run_and_wait(&self, script: &str) -> Outcome<serde_json::Value> {
        let answered = self.client.execute_async(script, Vec::new());
        Ok(within(PATIENCE, "a script of the page answers", answered).await??)
    }

    /// Waits until an expression of the page is true.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn when(&self, what: &str, expression: &str) -> Outcome {
        let script = format!("return Boolean({expression})");
        let holds = async || Ok((self.run(&script).await? == true).then_some(()));
        let result = until(PATIENCE, what, holds).await;
        self.explained(what, result).await
    }

    /// Presses keys one after the other, wherever the focus is: each a character or a code of WebDriver's.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn keys(&self, keys: &str) -> Outcome {
        for key in keys.chars() {
            self.chord(&[], key).await?;
        }
        Ok(())
    }

    /// Presses a key while others are held.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn chord(&self, held: &[char], key: char) -> Outcome {
        let down = |value| KeyAction::Down { value };
        let up = |value| KeyAction::Up { value };
        let all = held.iter().copied().chain([key]);
        let actions = all.clone().map(down).chain(all.rev().map(up));
        let keys = actions.fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        Ok(self.client.perform_actions(keys).await?)
    }

    /// How many elements there are.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn count(&self, css: &str) -> Outcome<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// A picture of the page.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn picture(&self) -> Outcome<Picture> {
        Ok(Picture::from_png(self.client.screenshot().await?))
    }

    /// Lets go of the page; the driver ends its program.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn end(self) -> Outcome {
        Ok(self.client.close().await?)
    }

    async fn find(&self, what: &str, locator: Locator<'_>) -> Outcome<Element> {
        let look = async || Ok(self.client.find_all(locator).await?.into_iter().next());
        self.explained(what, until(PATIENCE, what, look).await).await
    }

    async fn explained<T>(&self, what: &str, result: Outcome<T>) -> Outcome<T> {
        match result {
            Err(Trouble::Late { limit, .. }) => {
                let text = self.text().await.unwrap_or_else(|trouble| trouble.to_string());
                Err(Trouble::Late { what: format!("{what}; the page says:\n{text}"), limit })
            }
            other => other,
        }
    }
}
