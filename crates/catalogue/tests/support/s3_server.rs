//! An S3 server on loopback, whose objects are files of a folder, and which can be told to
//! misbehave. Signatures and conditional puts are the server's own; only faults are added here.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const KEY_ID: &str = "AKIDTIDEMILLTEST";
pub(crate) const SECRET: &str = "s3cr3t/OfNoOne+AtAll";
pub(crate) const BUCKET: &str = "recorded";

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done and answered.
    None,
    /// It is not done, and the answer is this status.
    Refuse(u16),
    /// It is done, and the answer is this status all the same.
    DoneBut(u16),
    /// It is done, and the connection is closed without an answer.
    DoneAndCut,
    /// It is done, and half of the answer comes before the connection is closed.
    Truncated,
    /// It is done, and half of the answer comes as if it were all.
    Shortened,
    /// It is done without looking at its conditions; only where nothing is signed.
    Unconditional,
}

/// What was asked: the count of requests before, the method, the path and the query.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
}

type Plan = Box<dyn FnMut(&Asked) -> Fault + Send>;

struct State {
    plan: Plan,
    asked: Vec<Asked>,
}

/// The server; it ends with the process.
pub(crate) struct S3Server {
    pub(crate) url: String,
    folder: TempDir,
    state: Arc<Mutex<State>>,
}

impl S3Server {
    /// Starts a server with one empty bucket; without `signed`, it lets anyone in.
    pub(crate) fn start(signed: bool) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        if signed {
            builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        }
        let service = builder.build();
        let plan: Plan = Box::new(|_| Fault::None);
        let state = Arc::new(Mutex::new(State { plan, asked: Vec::new() }));
        let (told, hears) = std::sync::mpsc::channel();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
                serve(listener, service, shared).await;
            });
        });
        Self { url: hears.recv().unwrap(), folder, state }
    }

    /// What a user sets to reach it.
    pub(crate) fn environment(&self) -> BTreeMap<&'static str, String> {
        [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    /// Decides from now on what becomes of requests, which are counted anew.
    pub(crate) fn plan(&self, plan: impl FnMut(&Asked) -> Fault + Send + 'static) {
        let mut state = self.state.lock().unwrap();
        (state.plan, state.asked) = (Box::new(plan), Vec::new());
    }

    /// What was asked since the last plan.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Where the objects of a prefix lie.
    pub(crate) fn folder(&self, prefix: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(prefix)
    }
}

async fn serve(listener: TcpListener, service: S3Service, state: Arc<Mutex<State>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (service, state) = (service.clone(), Arc::clone(&state));
        let answer =
            service_fn(move |request| answer(service.clone(), Arc::clone(&state), request));
        let serving = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(async move {
            // A connection that was cut on purpose ends with an error.
            let _ = serving.await;
        });
    }
}

async fn answer(
    service: S3Service,
    state: Arc<Mutex<State>>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, String> {
    let fault = {
        let mut state = state.lock().unwrap();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let (number, method) = (state.asked.len(), request.method().to_string());
        let asked = Asked { number, method, path };
        let fault = (state.plan)(&asked);
        state.asked.push(asked);
        fault
    };
    if let Fault::Refuse(status) = fault {
        return Ok(refusal(status));
    }
    if fault == Fault::Unconditional {
        request.headers_mut().remove(IF_MATCH);
        request.headers_mut().remove(IF_NONE_MATCH);
    }
    let answer =
        service.call(request.map(Body::from)).await.map_err(|error| format!("{error:?}"))?;
    match fault {
        Fault::None | Fault::Unconditional | Fault::Refuse(_) => Ok(answer),
        Fault::DoneBut(status) => Ok(refusal(status)),
        Fault::DoneAndCut => Err("cut on purpose".to_owned()),
        Fault::Truncated | Fault::Shortened => {
            let (mut head, body) = answer.into_parts();
            let whole = all_of(body).await;
            let half = whole.slice(..whole.len() / 2);
            head.headers.remove(CONTENT_LENGTH);
            let told = if fault == Fault::Truncated { whole.len() } else { half.len() };
            head.headers.insert(CONTENT_LENGTH, told.into());
            Ok(Response::from_parts(head, Body::http_body(Half(Some(half)))))
        }
    }
}

fn refusal(status: u16) -> Response<Body> {
    let code = if status == 503 { "SlowDown" } else { "InternalError" };
    let body = format!("<Error><Code>{code}</Code><Message>On purpose.</Message></Error>");
    Response::builder().status(status).body(Body::from(body)).unwrap()
}

async fn all_of(mut body: Body) -> Bytes {
    let mut whole = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        whole.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    whole.into()
}

/// A body of one piece, whose length is not what the head says.
struct Half(Option<Bytes>);

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|half| Ok(Frame::data(half))))
    }
}
