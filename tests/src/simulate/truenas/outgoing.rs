//! What a connection sends, the faults in how it is sent among it.

use futures_util::SinkExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::simulate::answer::{DRIP_BYTES, DRIP_PAUSE, ENDLESS_PIECE};

/// What goes out, or ends the connection.
pub(super) enum Outgoing {
    Text(String),
    Drip(String),
    Cut(String),
    Endless(String),
    Close(u16, &'static str),
    Drop,
}

impl Outgoing {
    /// Sends it; false when the connection is over.
    pub(super) async fn send<S>(self, socket: &mut WebSocketStream<S>) -> bool
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match self {
            Self::Text(text) => socket.send(Message::text(text)).await.is_ok(),
            Self::Drip(text) => {
                let n_bytes = text.len();
                for (index, piece) in text.into_bytes().chunks(DRIP_BYTES).enumerate() {
                    let opcode = OpCode::Data(if index == 0 {
                        Data::Text
                    } else {
                        Data::Continue
                    });
                    let is_last = (index + 1) * DRIP_BYTES >= n_bytes;
                    let frame = Frame::message(piece.to_vec(), opcode, is_last);
                    if socket.send(Message::Frame(frame)).await.is_err() {
                        return false;
                    }
                    sleep(DRIP_PAUSE).await;
                }
                true
            }
            Self::Cut(text) => {
                let half = text.into_bytes();
                let half = half.get(..half.len() / 2).unwrap_or_default().to_vec();
                let frame = Frame::message(half, OpCode::Data(Data::Text), false);
                let _ = socket.send(Message::Frame(frame)).await;
                false
            }
            Self::Endless(text) => {
                let mut frame = Frame::message(text.into_bytes(), OpCode::Data(Data::Text), false);
                while socket.send(Message::Frame(frame)).await.is_ok() {
                    let piece = vec![b' '; ENDLESS_PIECE];
                    frame = Frame::message(piece, OpCode::Data(Data::Continue), false);
                }
                false
            }
            Self::Close(code, reason) => {
                let frame = CloseFrame {
                    code: CloseCode::from(code),
                    reason: reason.into(),
                };
                let _ = socket.close(Some(frame)).await;
                // The peer's own close frame is read by the loop, which then ends.
                true
            }
            Self::Drop => false,
        }
    }
}
