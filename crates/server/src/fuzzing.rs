//! What holds for whatever bytes a client sends, for the fuzz targets in `crates/fuzz`. Compiled for them alone.

/// What is posted in the words of Gotify and ntfy, written down as a request is: the path on the first line, a header on
/// each after it, and the body behind an empty one.
pub fn a_publishing_is_read_or_refused(bytes: &[u8]) {
    crate::http::fuzzing::is_read_or_refused(bytes);
}
