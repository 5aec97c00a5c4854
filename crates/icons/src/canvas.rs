//! Reading, drawing and writing; what can go wrong with them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{self, Tree},
};

/// An icon could not be drawn or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IconError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("an SVG cannot be read: {0}")]
    Svg(#[from] usvg::Error),
    #[error("{0} has no group \"{1}\"")]
    Part(String, String),
    #[error("an image cannot be made: {0}")]
    Image(String),
}

pub(crate) fn read(path: &Path) -> Result<String, IconError> {
    fs::read_to_string(path).map_err(|source| IconError::File { path: path.to_owned(), source })
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), IconError> {
    let file = |source| IconError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file)?;
    }
    fs::write(path, bytes).map_err(file)
}

/// Draws an SVG to `size` pixels square, with `margin` empty pixels on every side within that.
pub(crate) fn render(svg: &str, size: u32, margin: u32) -> Result<Pixmap, IconError> {
    let tree = Tree::from_str(svg, &usvg::Options::default())?;
    let mut pixmap = Pixmap::new(size, size).ok_or_else(|| IconError::Image(format!("no size: {size}")))?;
    let scale = (size - 2 * margin) as f32 / tree.size().width();
    let place = Transform::from_scale(scale, scale).post_translate(margin as f32, margin as f32);
    resvg::render(&tree, place, &mut pixmap.as_mut());
    Ok(pixmap)
}

pub(crate) fn png(pixmap: &Pixmap) -> Result<Vec<u8>, IconError> {
    pixmap.encode_png().map_err(|error| IconError::Image(error.to_string()))
}

/// Straight (not premultiplied) RGBA, row by row.
pub(crate) fn rgba(pixmap: &Pixmap) -> Vec<u8> {
    pixmap
        .pixels()
        .iter()
        .flat_map(|pixel| {
            let colour = pixel.demultiply();
            [colour.red(), colour.green(), colour.blue(), colour.alpha()]
        })
        .collect()
}
