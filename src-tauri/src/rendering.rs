//! How the web engine draws on Linux.
//!
//! WebKitGTK shares buffers with the GPU (DMA-BUF). Without a GPU that costs the web process some 60 MiB and gains
//! nothing, and with NVIDIA's own driver windows can stay blank, so it is switched off in both cases. The engine reads
//! the switch from the environment when it loads; the program starts itself again with it, in the same process.

/// Decides, unless the person has.
#[cfg(target_os = "linux")]
pub(crate) fn choose() {
    use std::{os::unix::process::CommandExt as _, path::Path};

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_some() || (has_gpu() && !Path::new("/proc/driver/nvidia/version").exists())
    {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
    tracing::warn!(%error, "cannot switch off GPU buffers; going on with them");
}

#[cfg(target_os = "linux")]
fn has_gpu() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|mut nodes| {
        nodes.any(|node| node.is_ok_and(|node| node.file_name().to_string_lossy().starts_with("renderD")))
    })
}

/// The other systems' engines decide by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn choose() {}
