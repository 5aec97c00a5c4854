//! The app's icon: what launchers, window lists and toasts show.

use std::path::Path;

use crate::canvas::{IconError, png, read, render, rgba, write};

/// The names that Tauri's bundler and the hicolor theme expect.
const PNGS: [(&str, u32); 6] = [
    ("16x16.png", 16),
    ("32x32.png", 32),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("256x256.png", 256),
    ("512x512.png", 512),
];
const ICO: [u32; 6] = [16, 24, 32, 48, 64, 256];
const ICNS: [u32; 6] = [16, 32, 64, 128, 256, 512];
/// For the `image-data` of a toast where the icon theme does not have us; 48 is what daemons scale to.
const TOAST: u32 = 48;

pub(crate) fn draw(icons: &Path) -> Result<(), IconError> {
    let svg = read(&icons.join("tidings.svg"))?;
    for (name, size) in PNGS {
        write(&icons.join(name), &png(&render(&svg, size, 0)?)?)?;
    }
    write(&icons.join("toast-48.rgba"), &rgba(&render(&svg, TOAST, 0)?))?;
    write(&icons.join("icon.ico"), &ico(&svg)?)?;
    write(&icons.join("icon.icns"), &icns(&svg)?)
}

fn ico(svg: &str) -> Result<Vec<u8>, IconError> {
    let image = |error: std::io::Error| IconError::Image(error.to_string());
    let mut folder = ico::IconDir::new(ico::ResourceType::Icon);
    for size in ICO {
        let drawn = ico::IconImage::from_rgba_data(size, size, rgba(&render(svg, size, 0)?));
        folder.add_entry(ico::IconDirEntry::encode(&drawn).map_err(image)?);
    }
    let mut bytes = Vec::new();
    folder.write(&mut bytes).map_err(image)?;
    Ok(bytes)
}

fn icns(svg: &str) -> Result<Vec<u8>, IconError> {
    let image = |error: std::io::Error| IconError::Image(error.to_string());
    let mut family = icns::IconFamily::new();
    for size in ICNS {
        let pixels = rgba(&render(svg, size, 0)?);
        let drawn = icns::Image::from_data(icns::PixelFormat::RGBA, size, size, pixels).map_err(image)?;
        family.add_icon(&drawn).map_err(image)?;
    }
    let mut bytes = Vec::new();
    family.write(&mut bytes).map_err(image)?;
    Ok(bytes)
}
