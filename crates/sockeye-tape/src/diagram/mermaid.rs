//! Sequence diagrams in the language of Mermaid.
