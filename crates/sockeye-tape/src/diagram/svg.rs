//! Sequence diagrams as one picture.
