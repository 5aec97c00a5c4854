//! Where the project and what it builds lie.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::tool::Tool;

/// The checkout.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// As cargo sees it.
    pub(crate) fn find() -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata =
            Tool::cargo().args(["metadata", "--no-deps", "--format-version", "1"]).within(here).output()?;
        let metadata: serde_json::Value =
            serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata is no JSON: {error}"))?;
        let place = |name: &str| {
            let path = metadata.get(name).and_then(|path| path.as_str());
            path.map(PathBuf::from).ok_or_else(|| format!("cargo metadata names no {name}"))
        };
        Ok(Self { root: place("workspace_root")?, target: place("target_directory")? })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A program that a build in `profile` leaves.
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// A command of cargo, at the root.
    pub(crate) fn cargo(&self) -> Tool {
        Tool::cargo().within(&self.root)
    }
}
