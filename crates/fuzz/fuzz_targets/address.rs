//! Addresses of servers as people type and paste them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_engine::{AddressError, Endpoint};
use tidings_protocol::{Flow, is_legible};

fuzz_target!(|typed: &str| {
    let _ = read(typed);
    // wherever a person pastes a password or a token, it is not repeated
    for pasted in
        [format!("https://alice:hunter2@{typed}"), format!("https://example.com/?{typed}&t=hunter2")]
    {
        if let Err(error) = read(&pasted) {
            assert!(!error.to_string().contains("hunter2") || typed.contains("hunter2"), "{error}");
        }
    }
});

fn read(typed: &str) -> Result<Endpoint, AddressError> {
    let endpoint = Endpoint::parse(typed, Flow::Token, false);
    match &endpoint {
        Ok(endpoint) => {
            let server = &endpoint.server;
            assert!(server.scheme() == "https" || server.scheme() == "http" && endpoint.is_loopback());
            assert!(server.host_str().is_some_and(|host| !host.is_empty()));
            assert!(server.username().is_empty() && server.password().is_none());
            assert!(server.query().is_none() && server.fragment().is_none());
            let again = Endpoint::parse(server.as_str(), Flow::Token, false);
            assert_eq!(again.as_ref(), Ok(endpoint), "an account is known by its address");
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.chars().all(is_legible), "{error:?}");
        }
    }
    endpoint
}
