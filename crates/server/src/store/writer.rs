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
    let mut settles: Vec<Settle> = Vec::new();
    let mut lost = None;
    for job in batch {
        if let Some(error) = &lost {
            job(Err(error));
            continue;
        }
        settles.extend(job(Ok(&mut transaction)));
        if transaction.is_autocommit() {
            // a full disk or a failing one ends the whole transaction; a savepoint would now commit on its own,
            // unseen by those who wait for the outcome
            lost = Some(StoreError::Interrupted);
        }
    }
    let outcome = match lost {
        Some(error) => Err(error),
        None => transaction.commit().map_err(StoreError::from),
    };
    for settle in settles {
        settle(outcome.as_ref().copied());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)").unwrap();
        Writer::start(connection).unwrap()
    }

    fn insert(n: i64) -> impl FnOnce(&Connection) -> Result<i64, StoreError> + Send + 'static {
        move |connection| {
            connection.execute("INSERT INTO t VALUES (?1)", [n])?;
            Ok(n)
        }
    }

    async fn all(writer: &Writer) -> Vec<i64> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare("SELECT n FROM t ORDER BY n")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        writer.submit(read, |_| ()).await.unwrap()
    }

    #[tokio::test]
    async fn one_that_fails_in_a_batch_leaves_nothing_and_takes_no_other_with_it() {
        let writer = writer();
        let half_done = |connection: &Connection| {
            connection.execute("INSERT INTO t VALUES (7)", [])?;
            connection.execute("INSERT INTO t VALUES (1)", [])?;
            Ok(())
        };
        let (first, failing, last) = tokio::join!(
            writer.submit(insert(1), |_| ()),
            writer.submit(half_done, |()| panic!("nothing was committed")),
            writer.submit(insert(2), |_| ()),
        );
        assert!(first.is_ok() && failing.is_err() && last.is_ok());
        assert_eq!(all(&writer).await, [1, 2]);
    }

    #[tokio::test]
    async fn what_ends_the_whole_transaction_leaves_nothing_of_the_batch() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)").unwrap();
        let (reply, mut answers) = tokio::sync::mpsc::unbounded_channel();
        let job = |sql: &'static str| -> Job {
            let reply = reply.clone();
            Box::new(move |transaction| {
                let work = |connection: &Connection| Ok(connection.execute(sql, [])?);
                match transaction.map_err(|error| error.clone()).and_then(|open| in_savepoint(open, work)) {
                    Ok(_) => Some(Box::new(move |outcome| reply.send(outcome.is_ok()).unwrap())),
                    Err(_) => {
                        reply.send(false).unwrap();
                        None
                    }
                }
            })
        };
        // what a full disk does as well
        let ends_it = "INSERT OR ROLLBACK INTO t VALUES (1)";
        commit(
            &mut connection,
            vec![job("INSERT INTO t VALUES (1)"), job(ends_it), job("INSERT INTO t VALUES (2)")],
        );
        let told: Vec<bool> = std::iter::from_fn(|| answers.try_recv().ok()).collect();
        assert_eq!(told, [false; 3]);
        let count =
            |connection: &Connection| connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
        assert_eq!(count(&connection), Ok(0_i64));
        commit(&mut connection, vec![job("INSERT INTO t VALUES (3)")]);
        assert_eq!((answers.try_recv(), count(&connection)), (Ok(true), Ok(1)));
    }

    #[tokio::test]
    async fn what_follows_a_commit_is_called_in_the_order_of_writes() {
        let (written, told) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let writer = writer();
        let write = |n: i64| {
            let (written, told) = (Arc::clone(&written), Arc::clone(&told));
            let work = move |connection: &Connection| {
                written.lock().unwrap().push(n);
                insert(n)(connection)
            };
            writer.submit(work, move |n| told.lock().unwrap().push(*n))
        };
        futures_util::future::join_all((0..200).map(write)).await;
        assert_eq!(told.lock().unwrap().len(), 200);
        assert_eq!(*told.lock().unwrap(), *written.lock().unwrap());
    }
}
