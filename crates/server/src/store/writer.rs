//! The one thread that writes. Jobs that wait together share one commit, and so one flush of the disk; each runs in
//! a savepoint of its own, so that one that fails takes no other with it.

use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// Jobs that may wait; beyond, callers wait to submit.
const QUEUE: usize = 1024;
/// Jobs in one commit: enough to share the flush, few enough to bound how long the first one waits.
const BATCH: usize = 64;

type Outcome<'a> = Result<(), &'a StoreError>;
/// Told how the commit went.
type Settle = Box<dyn FnOnce(Outcome<'_>) + Send>;
/// Given the open transaction, or told why there is none.
type Job = Box<dyn FnOnce(Result<&mut rusqlite::Transaction<'_>, &StoreError>) -> Option<Settle> + Send>;

#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(connection, queue))?;
        Ok(Self { jobs })
    }

    pub(super) async fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result = match transaction {
                Ok(transaction) => in_savepoint(transaction, work),
                Err(error) => Err(error.clone()),
            };
            match result {
                Ok(value) => Some(Box::new(move |outcome: Outcome<'_>| {
                    let result = match outcome {
                        Ok(()) => {
                            then(&value);
                            Ok(value)
                        }
                        Err(error) => Err(error.clone()),
                    };
                    // a caller that has gone away wanted no answer
                    let _ = reply.send(result);
                })),
                Err(error) => {
                    let _ = reply.send(Err(error));
                    None
                }
            }
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

fn in_savepoint<T>(
    transaction: &mut rusqlite::Transaction<'_>,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // dropped without a commit, it rolls back
    let savepoint = transaction.savepoint()?;
    let value = work(&savepoint)?;
    savepoint.commit()?;
    Ok(value)
}

fn run(mut connection: Connection, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(job) = queue.try_recv()
        {
            batch.push(job);
        }
        commit(&mut connection, batch);
    }
}

fn commit(connection: &mut Connection, batch: Vec<Job>) {
    let mut transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = StoreError::from(error);
            for job in batch {
                job(Err(&error));
            }
            return;
        }
    };
    let settles: Vec<Settle> = batch.into_iter().filter_map(|job| job(Ok(&mut transaction))).collect();
    let outcome = transaction.commit().map_err(StoreError::from);
    for settle in settles {
        settle(outcome.as_ref().copied());
    }
}
