//! Connections: accepting them, and letting go of them without losing a request.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use super::log::log;
use super::patience::Patient;

/// How long connections that are open at the end may still send requests: those on their way are not to be lost.
const LAST_REQUESTS: Duration = Duration::from_millis(500);

/// How long to wait for connections that the system has accepted already.
const BACKLOG: Duration = Duration::from_millis(5);

/// Pause after the system refused a connection, as it does where there are too many open files.
const PAUSE: Duration = Duration::from_millis(20);

/// Times of connections.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// For the head of a request to arrive, counted from the answer before it.
    pub(crate) head: Duration,
    /// For a client to take more of its answer.
    pub(crate) write: Duration,
    /// For open requests at the end.
    pub(crate) end: Duration,
}

/// Serves until SIGTERM or SIGINT, then answers what was accepted. A second signal ends it at once.
///
/// `ending` becomes true when no more connections are accepted: answers close their connections from then on.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    times: Times,
    ending: Arc<AtomicBool>,
) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let open = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connect(stream, &router, times, &open),
                Err(error) => {
                    log(&format!("cannot accept a connection: {error}"));
                    sleep(PAUSE).await;
                }
            },
            () = signals.next() => break,
        }
    }
    ending.store(true, Ordering::Release);
    log("stopping: requests that were accepted are answered first");
    while let Ok(Ok((stream, _))) = timeout(BACKLOG, listener.accept()).await {
        connect(stream, &router, times, &open);
    }
    drop(listener);
    tokio::select! {
        () = finish(open, times.end) => {}
        () = signals.next() => log("stopped by a second signal"),
    }
    Ok(())
}

/// Waits for the open connections.
async fn finish(open: GracefulShutdown, time: Duration) {
    let until = Instant::now() + LAST_REQUESTS;
    while open.count() > 0 && Instant::now() < until {
        sleep(BACKLOG).await;
    }
    if timeout(time, open.shutdown()).await.is_err() {
        log("stopped, though there are requests without an answer");
    }
}

/// Serves one connection.
fn connect(stream: TcpStream, router: &Router, times: Times, open: &GracefulShutdown) {
    // Answers are whole: to wait for more to send would only delay them.
    stream.set_nodelay(true).ok();
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(times.head).serve_connection(
            TokioIo::new(Patient::new(stream, times.write)),
            TowerToHyperService::new(router.clone()),
        );
    let connection = open.watch(connection);
    tokio::spawn(async move {
        // Its error is the client's: broken requests, or gone before the answer.
        connection.await.ok();
    });
}

/// The signals that end the program.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
