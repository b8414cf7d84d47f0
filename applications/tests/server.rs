//! An HTTP server for one file, which can misbehave.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with one request; `range` is where the client wants to start.
pub(crate) type Answer = dyn Fn(&mut TcpStream, Option<usize>) + Send + Sync;

/// A server on a port of its own that answers the n-th request with the n-th answer, the last
/// one from then on.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    pub(crate) fn start(answers: Vec<Box<Answer>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let range = requested_range(&stream);
                let n = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(range);
                    seen.len()
                };
                answers[n.min(answers.len()) - 1](&mut stream, range);
            }
        });
        Self { url, requests }
    }

    /// The starts of the ranges asked for so far, one for each request.
    pub(crate) fn requests(&self) -> Vec<Option<usize>> {
        self.requests.lock().unwrap().clone()
    }
}

fn requested_range(stream: &TcpStream) -> Option<usize> {
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("range: bytes=") {
            range = bytes.trim_end_matches('-').parse().ok();
        }
    }
    range
}

/// Sends the file, from where the client wants it.
pub(crate) fn whole(file: &[u8]) -> Box<Answer> {
    broken_off(file, usize::MAX)
}

/// Promises the file, from where the client wants it, and hangs up after `count` bytes.
pub(crate) fn broken_off(file: &[u8], count: usize) -> Box<Answer> {
    let file = file.to_vec();
    Box::new(move |stream, range| {
        let start = range.unwrap_or(0);
        if start >= file.len() {
            let head = format!("HTTP/1.1 416 Bad\r\nContent-Range: bytes */{}\r\n", file.len());
            return send(stream, &head, &[], 0);
        }
        let head = match range {
            Some(_) => format!(
                "HTTP/1.1 206 Partial\r\nContent-Range: bytes {start}-{}/{}\r\n",
                file.len() - 1,
                file.len()
            ),
            None => "HTTP/1.1 200 OK\r\n".to_owned(),
        };
        let rest = &file[start..];
        send(stream, &head, &rest[..count.min(rest.len())], rest.len());
    })
}

/// As [`broken_off`], by a server that knows no ranges and always starts over.
pub(crate) fn rangeless(file: &[u8], count: usize) -> Box<Answer> {
    let answer = broken_off(file, count);
    Box::new(move |stream, _| answer(stream, None))
}

/// Answers with a status and nothing else.
pub(crate) fn status(code: u16) -> Box<Answer> {
    Box::new(move |stream, _| send(stream, &format!("HTTP/1.1 {code} Status\r\n"), b"no", 2))
}

/// Sends the bytes without saying how many there are.
pub(crate) fn unannounced(bytes: &[u8]) -> Box<Answer> {
    let bytes = bytes.to_vec();
    Box::new(move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(&bytes);
    })
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8], length: usize) {
    let head = format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    // The client may have hung up already, which is its right.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
