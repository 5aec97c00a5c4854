//! From a shape to pixels.
//!
//! Icons are embedded as coverage, one byte a pixel, drawn by `cargo xtask icons`: a light and a dark variant are the
//! same bytes in another ink, nothing has to be decoded, and only the pages of the icon on show are ever in memory.

use super::model::{Badge, Bell, Icon};

/// The sides, in pixels, of the squares that follow each other in an icon's bytes.
pub(super) const SIDES: [usize; 7] = [16, 22, 24, 32, 44, 48, 64];

/// What an icon is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// For dark panels.
    Light,
    /// For light panels.
    Dark,
    /// For panels nobody knows the colour of: at least 3:1 on white, on black and on what panels are made of.
    #[cfg(target_os = "linux")]
    Brass,
}

impl Ink {
    fn rgb(self) -> [u8; 3] {
        match self {
            Self::Light => [0xf4, 0xf4, 0xf2],
            Self::Dark => [0x26, 0x29, 0x2b],
            #[cfg(target_os = "linux")]
            Self::Brass => [0x9c, 0x7a, 0x2e],
        }
    }
}

macro_rules! coverage {
    ($name:literal) => {
        include_bytes!(concat!("../../../../icons/tray/", $name, ".alpha"))
    };
}

fn coverage(icon: Icon) -> &'static [u8] {
    match icon {
        Icon::Attention => coverage!("attention"),
        Icon::Bell(Bell::Solid, Badge::None) => coverage!("solid"),
        Icon::Bell(Bell::Solid, Badge::Dot) => coverage!("solid-dot"),
        Icon::Bell(Bell::Solid, Badge::Moon) => coverage!("solid-moon"),
        Icon::Bell(Bell::Half, Badge::None) => coverage!("half"),
        Icon::Bell(Bell::Hollow, Badge::None) => coverage!("hollow"),
        Icon::Bell(Bell::Half, Badge::Dot) => coverage!("half-dot"),
        Icon::Bell(Bell::Hollow, Badge::Dot) => coverage!("hollow-dot"),
        Icon::Bell(Bell::Half, Badge::Moon) => coverage!("half-moon"),
        Icon::Bell(Bell::Hollow, Badge::Moon) => coverage!("hollow-moon"),
        Icon::Bell(Bell::Slashed, Badge::None) => coverage!("slashed"),
        Icon::Bell(Bell::Slashed, Badge::Dot) => coverage!("slashed-dot"),
        Icon::Bell(Bell::Slashed, Badge::Moon) => coverage!("slashed-moon"),
    }
}

/// Every size of an icon: its side, and four bytes a pixel as `order` puts them.
pub(super) fn pixels(
    icon: Icon,
    ink: Ink,
    order: impl Fn([u8; 3], u8) -> [u8; 4] + Copy,
) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let rgb = ink.rgb();
    let mut rest = coverage(icon);
    SIDES.into_iter().map(move |side| {
        let (square, after) = rest.split_at(side * side);
        rest = after;
        (side, square.iter().flat_map(|alpha| order(rgb, *alpha)).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_has_ink_in_every_size_and_nothing_left_over() {
        let bells = [Bell::Solid, Bell::Half, Bell::Hollow, Bell::Slashed];
        let badges = [Badge::None, Badge::Dot, Badge::Moon];
        let all = bells.iter().flat_map(|bell| badges.iter().map(|badge| Icon::Bell(*bell, *badge)));
        for icon in all.chain([Icon::Attention]) {
            assert_eq!(coverage(icon).len(), SIDES.iter().map(|side| side * side).sum::<usize>(), "{icon:?}");
            for (side, drawn) in pixels(icon, Ink::Light, |[r, g, b], alpha| [alpha, r, g, b]) {
                let inked = drawn.chunks(4).filter(|pixel| pixel[0] > 128).count();
                assert!(inked > side * side / 10, "{icon:?} at {side} has {inked} pixels of ink");
                assert!(drawn.chunks(4).all(|pixel| pixel[1..] == [0xf4, 0xf4, 0xf2]));
            }
        }
    }
}
