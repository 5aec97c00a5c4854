//! What axe-core finds on a page, and what does not fit its window.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{Outcome, Page, Trouble};

/// Where npm has put it; the version is the one of `ui/package-lock.json`.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");

/// Its own choice of rules, and the one for the size of targets, which it leaves off for the sake of old pages (WCAG 2.2 AA,
/// 2.5.8).
const CHECK: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] }).then(
      ({ violations, passes }) => done({
        passes: passes.length,
        violations: violations.flatMap(({ id, help, nodes }) => nodes.map(
          (node) => `${id}: ${help}: ${node.html.slice(0, 200)}: ${node.any.concat(node.all, node.none).map((check) => check.message).join('; ')}`
        )),
      }),
      (error) => done({ failed: String(error) }),
    );
";

const FIT: &str = include_str!("fit.js");

impl Page {
    /// What axe-core finds on the page as it is now, each in words.
    ///
    /// # Errors
    /// When it is not installed, or cannot look.
    pub async fn axe(&self) -> Outcome<Vec<String>> {
        if self.run("return typeof axe === 'undefined'").await? == true {
            let source = fs::read_to_string(Path::new(AXE));
            let source = source
                .map_err(|error| Trouble::Unexpected(format!("{AXE}: {error}; run `npm ci` in ui first")))?;
            self.run(&source).await?;
        }
        let told = self.run_and_wait(CHECK).await?;
        // a page on which no rule applies has not been looked at
        if told["passes"].as_u64().is_none_or(|passes| passes == 0) {
            return Err(Trouble::Unexpected(format!("axe-core has seen nothing: {told}")));
        }
        Ok(strings(&told["violations"]))
    }

    /// What does not fit the window as it is now, each in words: what reaches out of it at the side, text that is cut off,
    /// and controls that something else covers.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn misfits(&self) -> Outcome<Vec<String>> {
        Ok(strings(&self.run(FIT).await?))
    }
}

fn strings(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.map(|text| text.as_str().map_or_else(|| text.to_string(), ToOwned::to_owned)).collect()
}
