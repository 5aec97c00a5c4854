//! `POST /api/notifications`: who may publish what to whom.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use tidings_protocol::{Code, PublishReceipt, PublishRequest, To};
use tracing::info;

use super::{caller::Publisher, error::Refusal, json::Body};
use crate::{
    app::App,
    publish,
    store::{sessions::Living, topics},
};

/// A key may publish to everybody; a person to themselves and to topics that they are subscribed to.
pub(crate) async fn publish(
    State(app): State<Arc<App>>,
    publisher: Publisher,
    Body(request): Body<PublishRequest>,
) -> Result<(StatusCode, Json<PublishReceipt>), Refusal> {
    admit(&app, &publisher, &request.to).await?;
    let receipt = publish::publish(&app, request).await?;
    Ok((StatusCode::ACCEPTED, Json(receipt)))
}

/// Lets through who may publish there, and not too much at once.
pub(super) async fn admit(app: &App, publisher: &Publisher, to: &To) -> Result<(), Refusal> {
    let who = publisher.label();
    app.publishing.take(who.clone(), App::now()).map_err(|wait| {
        info!(who, "publishing refused: too much at once");
        Refusal::limited(wait)
    })?;
    if let Publisher::Person(person) = publisher
        && !may_publish(app, person, to).await?
    {
        return Err(Refusal::forbidden(
            Code::FORBIDDEN,
            "you may publish to yourself and to your own topics; use a publisher's key for others",
        ));
    }
    Ok(())
}

async fn may_publish(app: &App, person: &Living, to: &To) -> Result<bool, Refusal> {
    match to {
        To::User(name) => Ok(person.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))),
        // guests listen
        To::Topic(_) if person.name.is_none() => Ok(false),
        To::Topic(topic) => {
            let (user, topic) = (person.user.clone(), topic.clone());
            Ok(app.store.read(move |connection| topics::is_subscribed(connection, &user, &topic)).await?)
        }
    }
}
