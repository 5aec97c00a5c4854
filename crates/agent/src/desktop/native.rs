//! The main thread's event loop, and how other threads have something done there.

use std::{
    future::Future,
    io,
    sync::{Mutex, OnceLock, mpsc},
    thread,
};

use tao::{
    event::Event,
    event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy},
    platform::run_return::EventLoopExtRunReturn,
};

/// What the main thread is woken for.
enum Job {
    Do(Box<dyn FnOnce() + Send>),
    End,
}

static MAIN: OnceLock<Mutex<EventLoopProxy<Job>>> = OnceLock::new();

/// Has something done on the main thread, soon. Whether the loop runs.
pub(crate) fn on_main_thread(job: impl FnOnce() + Send + 'static) -> bool {
    wake(Job::Do(Box::new(job)))
}

fn wake(job: Job) -> bool {
    let Some(main) = MAIN.get() else { return false };
    main.lock().is_ok_and(|main| main.send_event(job).is_ok())
}

pub(super) fn run<T, Work>(work: impl FnOnce() -> Work + Send + 'static) -> io::Result<T>
where
    T: Send + 'static,
    Work: Future<Output = T>,
{
    let mut main = EventLoopBuilder::<Job>::with_user_event().build();
    // no icon in the Dock: Tidings rests in the menu bar
    #[cfg(target_os = "macos")]
    tao::platform::macos::EventLoopExtMacOS::set_activation_policy(
        &mut main,
        tao::platform::macos::ActivationPolicy::Accessory,
    );
    MAIN.get_or_init(|| Mutex::new(main.create_proxy()));

    let (sender, result) = mpsc::channel();
    thread::Builder::new().name("agent".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.map(|runtime| {
            let outcome = runtime.block_on(work());
            // what waits for a click on a toast blocks for as long as the toast is there
            runtime.shutdown_background();
            outcome
        });
        // whoever listens is the main thread, after its loop
        let _ = sender.send(outcome);
        wake(Job::End);
    })?;
    main.run_return(|event, _, control| {
        *control = match event {
            Event::UserEvent(Job::End) => ControlFlow::Exit,
            Event::UserEvent(Job::Do(job)) => {
                job();
                ControlFlow::Wait
            }
            _ => ControlFlow::Wait,
        };
    });
    result.recv().map_err(|_| io::Error::other("the agent's thread ended without a result"))?
}
