//! From payloads to the bytes that carry them. What a framing cannot carry, so
//! that a deframer would give it back as it was, is refused.

use memchr::memmem;

use crate::error::EnframeError;
use crate::framing::Framing;
use crate::framing::Rule;
use crate::json::one_value;
use crate::length::LengthField;
use crate::order::Order;
use crate::stuffing::END;
use crate::stuffing::cobs;
use crate::stuffing::slip;
use crate::varint;

/// Makes frames of payloads, for one direction of a stream.
#[derive(Clone, Debug)]
pub struct Enframer {
    framing: Framing,
    /// The transaction id that the next Modbus request gets.
    transaction: u16,
}

impl Enframer {
    /// At the beginning of a stream; Modbus transactions count from 1.
    pub fn new(framing: Framing) -> Self {
        Self { framing, transaction: 1 }
    }

    /// The bytes that carry `payload`. `answering` is the tag of the frame that
    /// this answers; without one `modbus-tcp` takes the next transaction id, and
    /// other framings have no use for it.
    ///
    /// A line may be longer than the framing's limit, since its reader takes it
    /// in pieces. `json` takes white space around a value and ends it with LF.
    pub fn encode(
        &mut self,
        payload: &[u8],
        answering: Option<u16>,
    ) -> Result<Vec<u8>, EnframeError> {
        match self.framing.rule() {
            Rule::Raw => Ok(payload.to_vec()),
            Rule::Gap(_) => {
                self.fits(payload.len(), 1, usize::MAX)?;
                Ok(payload.to_vec())
            }
            Rule::Lines => self.line(payload),
            Rule::Crlf => self.ended(&[], payload, b"\r\n"),
            Rule::Delimiter(end) => self.ended(&[], payload, end),
            Rule::HeadTail { head, tail } => {
                self.fits(payload.len(), 0, self.framing.max())?;
                self.ended(head, payload, tail)
            }
            Rule::Length(field) => self.counted(field, payload),
            Rule::LengthAscii => {
                self.fits(payload.len(), 0, self.framing.max())?;
                Ok([payload.len().to_string().as_bytes(), b":", payload].concat())
            }
            Rule::LengthVarint => {
                self.fits(payload.len(), 0, self.framing.max())?;
                Ok([varint::write(payload.len() as u64).as_slice(), payload].concat())
            }
            Rule::Fixed(size) => {
                self.fits(payload.len(), *size, *size)?;
                Ok(payload.to_vec())
            }
            Rule::Json => {
                let value = one_value(payload).map_err(|at| EnframeError::NotJson { at })?;
                self.fits(value, 1, self.framing.max())?;
                Ok([payload, b"\n"].concat())
            }
            Rule::Cobs => {
                let stuffed = cobs(payload);
                self.fits(stuffed.len(), 1, self.framing.max())?;
                Ok([stuffed.as_slice(), &[0]].concat())
            }
            Rule::Slip => {
                let stuffed = slip(payload);
                self.fits(stuffed.len(), 1, self.framing.max())?;
                Ok([&[END], stuffed.as_slice(), &[END]].concat())
            }
            Rule::ModbusTcp => self.adu(payload, answering),
        }
    }

    fn line(&self, payload: &[u8]) -> Result<Vec<u8>, EnframeError> {
        if payload.ends_with(b"\r") {
            return Err(self.delimiter(payload.len() - 1));
        }
        self.ended(&[], payload, b"\n")
    }

    /// `head`, payload and `tail`, if a reader finds the tail where it is.
    fn ended(&self, head: &[u8], payload: &[u8], tail: &[u8]) -> Result<Vec<u8>, EnframeError> {
        let bytes = [head, payload, tail].concat();
        let body = bytes.get(head.len()..).unwrap_or_default();
        match memmem::find(body, tail) {
            Some(at) if at < payload.len() => Err(self.delimiter(at)),
            _ => Ok(bytes),
        }
    }

    fn counted(&self, field: &LengthField, payload: &[u8]) -> Result<Vec<u8>, EnframeError> {
        let offset = field.offset;
        let size = |body: i128| usize::try_from(body).unwrap_or(usize::MAX).saturating_add(offset);
        let most = size(field.most_body()).min(self.framing.max());
        self.fits(payload.len(), size(field.least_body()), most)?;
        let (before, body) = payload.split_at(offset.min(payload.len()));
        let says = body.len() as i128 - i128::from(field.adjust);
        let mut bytes = Vec::with_capacity(payload.len() + field.width.bytes());
        bytes.extend_from_slice(before);
        let says = u64::try_from(says).unwrap_or(u64::MAX);
        field.order.append(says, field.width.bytes(), &mut bytes);
        bytes.extend_from_slice(body);
        Ok(bytes)
    }

    /// MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3.
    fn adu(&mut self, payload: &[u8], answering: Option<u16>) -> Result<Vec<u8>, EnframeError> {
        let most = (self.framing.max() - 6).min(usize::from(u16::MAX));
        self.fits(payload.len(), 2, most)?;
        let id = answering.unwrap_or(self.transaction);
        if answering.is_none() {
            self.transaction = self.transaction.wrapping_add(1);
        }
        let mut bytes = Vec::with_capacity(payload.len() + 6);
        for number in [u64::from(id), 0, payload.len() as u64] {
            Order::Big.append(number, 2, &mut bytes);
        }
        bytes.extend_from_slice(payload);
        Ok(bytes)
    }

    fn fits(&self, length: usize, least: usize, most: usize) -> Result<(), EnframeError> {
        if (least..=most).contains(&length) {
            return Ok(());
        }
        Err(EnframeError::Length { framing: self.framing.to_string(), length, least, most })
    }

    fn delimiter(&self, at: usize) -> EnframeError {
        EnframeError::Delimiter { framing: self.framing.to_string(), at }
    }
}

#[cfg(test)]
mod tests {
    use super::Enframer;
    use crate::framing::Framing;

    fn enframer(framing: &str) -> Enframer {
        Enframer::new(framing.parse::<Framing>().unwrap())
    }

    #[test]
    fn modbus_transactions_count_up_and_an_answer_keeps_its_own() {
        let mut modbus = enframer("modbus-tcp");
        let mut id = |answering| modbus.encode(&[1, 3], answering).unwrap()[..2].to_vec();
        assert_eq!(id(None), [0, 1]);
        assert_eq!(id(Some(0xABCD)), [0xAB, 0xCD]);
        assert_eq!(id(None), [0, 2]);
    }

    #[test]
    fn a_delimiter_that_payload_and_end_make_together_is_refused() {
        assert!(enframer("delim:AAAA").encode(&[1, 0xAA], None).is_err());
        assert!(enframer("delim:AABB").encode(&[1, 0xAA], None).is_ok());
        assert!(enframer("crlf").encode(b"a\r", None).is_ok());
        assert!(enframer("lines").encode(b"a\r", None).is_err());
    }

    #[test]
    fn a_line_over_the_limit_is_sent_and_a_counted_frame_over_it_is_not() {
        assert!(enframer("lines,max=2").encode(b"abc", None).is_ok());
        assert!(enframer("len:u8,max=2").encode(b"abc", None).is_err());
        assert!(enframer("len:u8").encode(&[0; 256], None).is_err());
        assert!(enframer("len:u8,adjust=1").encode(&[0; 256], None).is_ok());
    }
}
