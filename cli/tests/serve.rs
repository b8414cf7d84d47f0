//! `keras-rs serve`: the program runs on a free port, requests are written by hand.

mod answers;
mod clients;
mod ending;
mod images;
mod load;
mod protocol;
mod reload;
mod throughput;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::*;
use keras_rs::prelude::*;
use serde_json::{Value, json};

/// A server that ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts with the words of `line`, in which `{}` stands for each of `paths` in turn.
    fn start(line: &str, paths: &[&Path]) -> Self {
        let mut paths = paths.iter();
        let words = line.split_whitespace().map(|word| match word.split_once("{}") {
            Some((before, _)) => format!("{before}{}", paths.next().unwrap().display()),
            None => word.to_string(),
        });
        let mut command = command();
        command.args(["serve", "--port", "0"]).args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut address = None;
        for said in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(at) = said.unwrap().strip_prefix("listening on http://") {
                address = Some(at.to_string());
                break;
            }
        }
        let Some(address) = address else {
            panic!("{:?}", String::from_utf8(child.wait_with_output().unwrap().stderr));
        };
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// One request on a connection of its own.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
        let mut stream = self.connect();
        stream.write_all(&request(method, path, headers, body)).unwrap();
        Reply::read(&mut stream).unwrap()
    }

    fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "", b"")
    }

    fn post(&self, path: &str, body: &str) -> Reply {
        self.ask("POST", path, "", body.as_bytes())
    }

    /// The predictions for instances.
    #[track_caller]
    fn predict(&self, model: &str, body: &Value) -> Value {
        self.post(&format!("/v1/models/{model}:predict"), &body.to_string()).ok()
    }

    /// Sends a signal.
    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end; gives what stderr said.
    fn wait(mut self) -> String {
        assert!(self.child.wait().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The text of a request that asks for the connection to be closed.
fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    /// Reads one answer of known length; the connection may stay open.
    fn read(stream: &mut impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        let mut body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        Some(Self { status, head, body: String::from_utf8(body).unwrap() })
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The JSON of a request that went well.
    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(self.head.contains("content-type: application/json"), "{}", self.head);
        self.json()
    }

    /// The message of an error.
    #[track_caller]
    fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()["error"].as_str().unwrap().to_string()
    }
}

/// The numbers in nested lists.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value.as_f64().unwrap_or_else(|| panic!("{value}"))],
    }
}

/// Writes a model that multiplies its one number.
fn write_product(path: &Path, factor: f64) {
    let kernel = keras_rs::initializers::Constant::new(factor);
    let model =
        Sequential::new().add(Input::new([1])).add(Dense::new(1).kernel_initializer(kernel)).build().unwrap();
    model.save(path).unwrap();
}

/// Writes a model that takes a while, and gives a request for it.
fn write_slow(path: &Path) -> String {
    let model = Sequential::new()
        .add(Input::new([96, 96, 1]))
        .add(Conv2D::new(64, 5).activation("relu"))
        .add(Conv2D::new(64, 5).activation("relu"))
        .add(GlobalAveragePooling2D::new())
        .build()
        .unwrap();
    model.save(path).unwrap();
    let row = format!("[{}]", vec!["[1]"; 96].join(","));
    format!("{{\"instances\":[[{}]]}}", vec![row; 96].join(","))
}
