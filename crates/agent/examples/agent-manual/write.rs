//! Pages and completions of a command line, in the folders of `/usr/share` where systems look for them.

use std::{env, fs, io, path::PathBuf};

use clap::Command;
use clap_complete::{Shell, generate_to};

const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "bash-completion/completions"),
    (Shell::Zsh, "zsh/site-functions"),
    (Shell::Fish, "fish/vendor_completions.d"),
];

/// Writes all of them below the folder that is named on the command line.
pub(crate) fn all(command: Command) -> io::Result<()> {
    let share = env::args_os().nth(1).map(PathBuf::from).ok_or_else(|| io::Error::other("name a folder"))?;
    let name = command.get_name().to_owned();
    for (shell, place) in SHELLS {
        let folder = share.join(place);
        fs::create_dir_all(&folder)?;
        let written = generate_to(shell, &mut command.clone(), &name, &folder)?;
        if shell == Shell::Bash {
            // found by the command's name alone
            fs::rename(written, folder.join(&name))?;
        }
    }
    let pages = share.join("man/man1");
    fs::create_dir_all(&pages)?;
    // a page about `help` for each command helps nobody
    clap_mangen::generate_to(command.disable_help_subcommand(true), pages)
}
