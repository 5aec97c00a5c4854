//! What answers at an address.

use tidings_engine::{Dialect, Endpoint, SignInError, detect};
use tidings_peers::{Door, Edition, Gotify, GotifyOptions, Ntfy, NtfyOptions};

use crate::owner::transport;

async fn kind(url: &str) -> Result<(Vec<Dialect>, bool, Option<String>), SignInError> {
    let endpoint = Endpoint::parse(url, Dialect::Ticket, false).unwrap();
    detect(&transport(), &endpoint).await.map(|found| (found.dialects, found.guests, found.version))
}

#[tokio::test]
async fn each_kind_is_known_by_what_it_says() {
    for (edition, version) in [(Edition::Two, "2.6.3"), (Edition::Three, "3.0.0")] {
        let gotify = Gotify::start(GotifyOptions { edition, ..GotifyOptions::default() }).await.unwrap();
        assert_eq!(kind(&gotify.url()).await, Ok((vec![Dialect::Gotify], false, Some(version.into()))));
    }
    let ntfy = Ntfy::start(NtfyOptions::default()).await.unwrap();
    assert_eq!(kind(&ntfy.url()).await, Ok((vec![Dialect::Ntfy], true, None)));
}

#[tokio::test]
async fn what_nobody_knows_is_no_server_and_nobody_is_unreachable() {
    let ntfy = Ntfy::start(NtfyOptions::default()).await.unwrap();
    ntfy.refuse(Door::All, 404);
    assert!(matches!(kind(&ntfy.url()).await, Err(SignInError::NotATidingsServer(_))));
    let mut gone = Ntfy::start(NtfyOptions::default()).await.unwrap();
    let url = gone.url();
    gone.stop().await;
    assert!(matches!(kind(&url).await, Err(SignInError::Unreachable(_))));
}
