//! `tidings-server user …` and `key …`. They open the database themselves; a running server notices within seconds.

use std::error::Error;

use clap::{Args, Subcommand};
use tidings_protocol::Secret;

use super::{
    Global, Outcome, print, read_secret,
    settings::{Settings, database_path},
};
use crate::Admin;

/// People who may sign in.
#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person.
    Add(WithPassword),
    /// Set a password; signs the person out everywhere.
    Passwd(WithPassword),
    /// Remove a person, their devices and notifications.
    Remove {
        /// Name.
        name: String,
    },
    /// Everybody, one a line: name, devices, topics.
    List,
    /// Let a person receive a topic.
    Subscribe {
        /// Name.
        name: String,
        /// Topic.
        topic: String,
    },
    /// End that.
    Unsubscribe {
        /// Name.
        name: String,
        /// Topic.
        topic: String,
    },
}

#[derive(Args)]
pub(super) struct WithPassword {
    /// Name.
    name: String,
    /// Read the password from standard input, the only way to give it: arguments are visible to others.
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl WithPassword {
    fn password(&self) -> Result<Secret, Box<dyn Error>> {
        debug_assert!(self.password_stdin, "clap requires the flag");
        read_secret()
    }
}

/// Publishers' keys.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Make a key and print it, this once.
    Create {
        /// What it is for; also the topic of what Gotify's clients send with it.
        name: String,
        /// Let this person receive that topic; repeat for more.
        #[arg(long = "subscribe", value_name = "USER")]
        people: Vec<String>,
    },
    /// Names of all keys.
    List,
    /// End a key.
    Revoke {
        /// Name.
        name: String,
    },
}

async fn open(global: &Global) -> Result<Admin, Box<dyn Error>> {
    let file = Settings::from_file(global.config.as_deref())?;
    Ok(Admin::open(&database_path(global.database.as_deref(), &file)).await?)
}

impl User {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let admin = open(global).await?;
        match self {
            Self::Add(person) => {
                admin.add_user(&person.name, &person.password()?).await?;
                print(&format!("added {}", person.name))?;
            }
            Self::Passwd(person) => {
                admin.set_password(&person.name, &person.password()?).await?;
                print(&format!("changed the password of {}; all their devices are signed out", person.name))?;
            }
            Self::Remove { name } => {
                admin.remove_user(&name).await?;
                print(&format!("removed {name}"))?;
            }
            Self::List => {
                for user in admin.users().await? {
                    print(&format!("{}\t{}\t{}", user.name, user.sessions, user.topics.join(",")))?;
                }
            }
            Self::Subscribe { name, topic } => {
                admin.subscribe(&name, &topic).await?;
                print(&format!("{name} receives {topic}"))?;
            }
            Self::Unsubscribe { name, topic } => {
                admin.unsubscribe(&name, &topic).await?;
                print(&format!("{name} no longer receives {topic}"))?;
            }
        }
        Ok(())
    }
}

impl Key {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let admin = open(global).await?;
        match self {
            Self::Create { name, people } => {
                // first, as a key that was not shown is lost
                for person in people {
                    admin.subscribe(&person, &name).await?;
                }
                // the one place where a key is shown
                print(admin.create_key(&name).await?.expose())?;
            }
            Self::List => {
                for name in admin.keys().await? {
                    print(&name)?;
                }
            }
            Self::Revoke { name } => {
                admin.revoke_key(&name).await?;
                print(&format!("revoked {name}"))?;
            }
        }
        Ok(())
    }
}
