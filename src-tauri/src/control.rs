//! The page's one command: what it asks goes to the agent as it is.

use tauri::State;
use tidings_control::{Failure, FailureCode, Reply, Request};

use crate::{link::Link, page::Page};

/// Asks the agent. `Subscribe` comes first, from a page that is ready to hear events; it starts the agent if none runs.
#[tauri::command]
pub(crate) async fn control(
    request: Request,
    link: State<'_, Link>,
    page: State<'_, Page>,
) -> Result<Reply, Failure> {
    match request {
        Request::Hello { .. } => Err(Failure::new(FailureCode::BadRequest, "the window has said hello")),
        Request::Subscribe => {
            let answer = match link.up().await {
                Ok(client) => client.call(Request::Subscribe).await,
                Err(failure) => Err(failure),
            };
            if let Ok(Reply::Snapshot(snapshot)) = &answer {
                page.colours().choose(snapshot.settings.theme);
            }
            page.ready();
            answer
        }
        Request::Quit => {
            let answer = link.current()?.call(Request::Quit).await;
            page.end();
            answer
        }
        request => link.current()?.call(request).await,
    }
}
