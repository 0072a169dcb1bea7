//! `hmac-chat`: the server sends 32 random bytes; the client answers with their HMAC under
//! the secret that both know (16 bytes of HMAC-MD5 in the classic); the server sends `legal`,
//! or closes. Then texts in turn, the client first. `q` or `Q` from the client is answered
//! with `q` and ends it; `q` from the server's operator ends it too.
//!
//! Challenge and answer have their size, and survive any cut. The texts mark no end: each is
//! what comes before a silence. It proves the client to the server alone, once, and hides
//! nothing: whoever can change what goes over can take the talk over.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::Sha256;
use sockeye_net::error::Code;
use sockeye_text::cause::plain;
use sockeye_text::encoding::Encoding;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::led::{Ended, Lead, Led, Part};
use sockeye_workbench::rules::Reply;
use tokio::sync::mpsc::Receiver;

use crate::command::waiting;
use crate::desk::Desk;
use crate::output::Output;

/// The bytes of a challenge.
const CHALLENGE: usize = 32;
/// What a client is told that knows the secret.
const LEGAL: &[u8] = b"legal";
/// The longest text.
const LONGEST: usize = 64 * 1024;

/// The digest under the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// HMAC-MD5 (RFC 2104), 16 bytes: the classic.
    Md5,
    /// HMAC-SHA-256 (RFC 4231), 32 bytes.
    Sha256,
}

/// A secret; never shown.
#[derive(Clone)]
pub struct Secret {
    bytes: Vec<u8>,
    digest: Digest,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Secret {
    /// A secret and how it is proved; none if it is empty.
    pub fn new(bytes: Vec<u8>, digest: Digest) -> Option<Self> {
        (!bytes.is_empty()).then_some(Self { bytes, digest })
    }

    /// The bytes of a proof.
    fn size(&self) -> usize {
        match self.digest {
            Digest::Md5 => 16,
            Digest::Sha256 => 32,
        }
    }

    fn prove(&self, challenge: &[u8]) -> Vec<u8> {
        match self.digest {
            Digest::Md5 => keyed::<Hmac<Md5>>(&self.bytes, challenge)
                .map(|mac| mac.finalize().into_bytes().to_vec()),
            Digest::Sha256 => keyed::<Hmac<Sha256>>(&self.bytes, challenge)
                .map(|mac| mac.finalize().into_bytes().to_vec()),
        }
        .unwrap_or_default()
    }

    /// Whether it is the proof: its length first, then in constant time.
    fn is_proved(&self, challenge: &[u8], proof: &[u8]) -> bool {
        let proved = match self.digest {
            Digest::Md5 => keyed::<Hmac<Md5>>(&self.bytes, challenge)
                .map(|mac| mac.verify_slice(proof).is_ok()),
            Digest::Sha256 => keyed::<Hmac<Sha256>>(&self.bytes, challenge)
                .map(|mac| mac.verify_slice(proof).is_ok()),
        };
        proved.unwrap_or(false)
    }
}

/// An HMAC takes a key of any length: none is never the case.
fn keyed<M: Mac + KeyInit>(key: &[u8], challenge: &[u8]) -> Option<M> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(challenge);
    Some(mac)
}

/// Who answers at a server.
#[derive(Debug)]
pub enum Answerer {
    /// Whoever types.
    Typed(Desk),
    /// Nobody: always by this.
    Rule(Reply),
}

/// The server's side.
#[derive(Debug)]
pub struct Server {
    /// What a caller must know.
    pub secret: Secret,
    /// Who answers.
    pub answerer: Answerer,
    /// The silence that ends a text.
    pub settle: Duration,
    /// How texts are written.
    pub encoding: Encoding,
    /// Where texts are printed.
    pub output: Output,
}

impl Lead for Server {
    fn lead(&self, mut led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>> {
        Box::pin(async move {
            let _over = self.serve(&mut led).await;
            led.close().await
        })
    }
}

impl Server {
    async fn serve(&self, led: &mut Led) -> Result<(), Ended> {
        let mut challenge = [0; CHALLENGE];
        if aws_lc_rs::rand::fill(&mut challenge).is_err() {
            let text = "this machine has no random bytes to give".to_owned();
            return Err(led.fail(Failure::new(Code::Io, text)));
        }
        say(led, &challenge).await?;
        let from = led.taken();
        let proof = led.read_exact(Part::at_once("the proof"), self.secret.size()).await?;
        led.frame_in(from);
        if !self.secret.is_proved(&challenge, &proof) {
            let text = format!("`{}` does not know the secret", led.peer());
            let hint = Some("is the secret the same there, and `--digest`?".to_owned());
            return Err(led.fail(Failure { code: Code::Denied, text, hint }));
        }
        say(led, LEGAL).await?;
        loop {
            let text = led.read_settled(Part::whenever("a text"), self.settle, LONGEST).await?;
            let Some(text) = text else { return Ok(()) };
            led.say(led.facts().peer.to_string());
            self.output.line(led.journal(), &text).await;
            if text == b"q" || text == b"Q" {
                return say(led, b"q").await;
            }
            let answer = match &self.answerer {
                Answerer::Rule(reply) => match reply.answer(&text, self.encoding) {
                    Ok(answer) => answer,
                    Err(error) => {
                        led.say(format!("not answered: {error}"));
                        continue;
                    }
                },
                Answerer::Typed(desk) => tokio::select! {
                    answer = desk.answer(led.number()) => answer,
                    () = led.until_gone() => return Ok(()),
                },
            };
            say(led, &answer).await?;
            if answer == b"q" {
                return Ok(());
            }
        }
    }
}

/// The client's side.
#[derive(Debug)]
pub struct Client {
    /// What is proved.
    pub secret: Secret,
    /// The silence that ends a text.
    pub settle: Duration,
    /// Where texts are printed.
    pub output: Output,
}

/// Talks with what is typed until that ends, or the server does.
pub async fn talk(mut led: Led, client: &Client, lines: Receiver<Vec<u8>>) -> Closing {
    let _over = client.talk(&mut led, lines).await;
    led.close().await
}

impl Client {
    async fn talk(&self, led: &mut Led, mut lines: Receiver<Vec<u8>>) -> Result<(), Ended> {
        let from = led.taken();
        let challenge = led.read_exact(Part::at_once("the challenge"), CHALLENGE).await?;
        led.frame_in(from);
        say(led, &self.secret.prove(&challenge)).await?;
        self.welcomed(led).await?;
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                () = led.until_ended() => match waiting(&mut lines).await {
                    Some(line) => return Err(led.unsent(&line)),
                    None => return Ok(()),
                },
            };
            // At its input's end the client takes its leave.
            let leaves = line.as_deref().is_none_or(|line| line == b"q" || line == b"Q");
            say(led, line.as_deref().unwrap_or(b"q")).await?;
            let part = if leaves { Part::at_once("its `q`") } else { Part::whenever("an answer") };
            let Some(answer) = led.read_settled(part, self.settle, LONGEST).await? else {
                return Ok(());
            };
            self.output.line(led.journal(), &answer).await;
            if leaves || answer == b"q" {
                return Ok(());
            }
        }
    }

    /// `legal`, in one piece or in five; a server that closes does not believe us.
    async fn welcomed(&self, led: &mut Led) -> Result<(), Ended> {
        let from = led.taken();
        let mut word = Vec::new();
        while word.len() < LEGAL.len() {
            let missing = LEGAL.len() - word.len();
            let piece = led.read_some(Part::at_once("`legal`"), missing).await?;
            if piece.is_empty() {
                let text = format!("`{}` did not accept the secret", led.peer());
                let hint = Some("is the secret the same there, and `--digest`?".to_owned());
                return Err(led.fail(Failure { code: Code::Denied, text, hint }));
            }
            word.extend_from_slice(&piece);
        }
        if word != LEGAL {
            let text = format!("`{}` did not answer the proof by `legal`", led.peer());
            return Err(led.fail(Failure::new(Code::Frame, text)));
        }
        led.frame_in(from);
        Ok(())
    }
}

/// Sends one message.
async fn say(led: &mut Led, message: &[u8]) -> Result<(), Ended> {
    let from = led.sent();
    led.write_all(message).await?;
    led.frame_out(from);
    Ok(())
}

/// Reads a secret of a file: one line end at its end is not part of it.
pub fn read(bytes: &[u8]) -> &[u8] {
    sockeye_workbench::message::without_end(bytes)
}

/// What keeps a secret's file from being one, where something does.
pub fn misplaced(meta: &std::io::Result<std::fs::Metadata>) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    match meta {
        Err(error) => Some(plain(error)),
        Ok(meta) if !meta.is_file() => Some("it is no ordinary file".to_owned()),
        Ok(meta) if meta.mode() & 0o007 != 0 => {
            Some(format!("its mode is {:03o}: everybody here may use it", meta.mode() & 0o777))
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        sockeye_text::hex::decode(text).unwrap()
    }

    #[test]
    fn proves_as_the_rfcs_do() {
        // RFC 2202, section 2, test case 2; RFC 4231, section 4.3.
        let md5 = Secret::new(b"Jefe".to_vec(), Digest::Md5).unwrap();
        let proof = md5.prove(b"what do ya want for nothing?");
        assert_eq!(proof, hex("750c783e6ab0b503eaa86e310a5db738"));
        let sha = Secret::new(b"Jefe".to_vec(), Digest::Sha256).unwrap();
        assert_eq!(
            sha.prove(b"what do ya want for nothing?"),
            hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
    }

    #[test]
    fn believes_the_whole_proof_and_nothing_else() {
        let secret = Secret::new(b"key".to_vec(), Digest::Md5).unwrap();
        let proof = secret.prove(b"challenge");
        assert!(secret.is_proved(b"challenge", &proof));
        assert!(!secret.is_proved(b"challenge", &proof[..15]));
        assert!(!secret.is_proved(b"challenge", &[proof.clone(), vec![0]].concat()));
        assert!(!secret.is_proved(b"challenge", &[]));
        let mut other = proof.clone();
        other[15] ^= 1;
        assert!(!secret.is_proved(b"challenge", &other));
        assert!(!secret.is_proved(b"challengf", &proof));
    }

    #[test]
    fn is_never_shown_and_never_empty() {
        let secret = Secret::new(b"hush".to_vec(), Digest::Md5).unwrap();
        assert!(!format!("{secret:?}").contains("hush"));
        assert!(Secret::new(Vec::new(), Digest::Md5).is_none());
    }
}
