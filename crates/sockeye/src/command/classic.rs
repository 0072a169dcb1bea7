//! `sockeye classic`: the programs of the socket courses, one row each. What takes turns is a
//! preset of the workbench; here it gets its endpoint, its input and its end.

mod list;
mod setting;
mod typing;
mod serve;
mod call;

use std::process::ExitCode;

use sockeye_classics::catalogue::Program;
use sockeye_classics::client::Farewell;
use sockeye_classics::command::Length;
use sockeye_classics::preset;
use sockeye_workbench::message::Data;
use sockeye_workbench::rules::Reply;

use crate::args::classic::{
    Broadcast, BroadcastConnect, Chat, Classic, Connect, GreetingChat, OpenClose, QueueChat,
    Sticky, Thanks, Threaded, UdpChat, UdpOnce, UntilClose, Upper,
};
use crate::command::block_on;
use crate::command::classic::call::{Calling, Input};
use crate::command::classic::serve::Serving;
use crate::command::classic_protocols::{command, download, hmac_chat, upload};

/// Runs the command.
pub(crate) fn run(classic: Classic) -> ExitCode {
    match classic {
        Classic::List(args) => list::run(&args),
        Classic::GreetingChat(side) => greeting_chat(side),
        Classic::Chat(side) => chat(side),
        Classic::QueueChat(side) => queue_chat(side),
        Classic::Thanks(side) => thanks(side),
        Classic::UntilClose(side) => until_close(side),
        Classic::UdpChat(side) => udp_chat(side),
        Classic::UdpOnce(side) => udp_once(side),
        Classic::Broadcast(side) => broadcast(side),
        Classic::Upper(side) => upper(side),
        Classic::Sticky(side) => sticky(side),
        Classic::CommandAscii(side) => block_on(command::run(side, Length::Ascii)),
        Classic::CommandStruct(side) => block_on(command::run(side, Length::Struct)),
        Classic::Download(side) => block_on(download::run(side)),
        Classic::Upload(side) => block_on(upload::run(side)),
        Classic::HmacChat(side) => block_on(hmac_chat::run(side)),
        Classic::Threaded(side) => threaded(side),
        Classic::OpenClose(side) => open_close(side),
    }
}

fn serve(serving: Serving) -> ExitCode {
    block_on(serve::run(serving))
}

fn call(calling: Calling) -> ExitCode {
    block_on(call::run(calling))
}

fn typed(program: Program, connect: Box<Connect>) -> ExitCode {
    call(Calling { program, connect, input: Input::Typed, farewell: Farewell::Silent })
}

fn greeting_chat(side: GreetingChat) -> ExitCode {
    let program = Program::GreetingChat;
    match side {
        GreetingChat::Serve { greeting, again, answer, serve: args } => {
            // Without a keyboard somebody must still speak first.
            let usual = answer.reply.is_some().then(|| "hello".to_owned());
            let greeting = greeting.or(usual);
            let again = again.keep_open;
            serve(Serving { greeting, again, reply: answer.reply, ..Serving::of(program, args) })
        }
        GreetingChat::Connect(connect) => typed(program, connect),
    }
}

fn chat(side: Chat) -> ExitCode {
    match side {
        Chat::Serve { again, answer, serve: args } => {
            let again = again.keep_open;
            serve(Serving { again, reply: answer.reply, ..Serving::of(Program::Chat, args) })
        }
        Chat::Connect(connect) => typed(Program::Chat, connect),
    }
}

fn queue_chat(side: QueueChat) -> ExitCode {
    let program = Program::QueueChat;
    match side {
        QueueChat::Serve { answer, serve: args } => {
            serve(Serving { reply: answer.reply, ..Serving::of(program, args) })
        }
        QueueChat::Connect { stop_server, connect } => {
            let farewell = if stop_server { Farewell::Bye } else { Farewell::Silent };
            call(Calling { program, connect, input: Input::Typed, farewell })
        }
    }
}

fn thanks(side: Thanks) -> ExitCode {
    let program = Program::Thanks;
    match side {
        Thanks::Serve { answer, serve: args } => {
            let reply = answer.map_or_else(preset::thanks, |text| Reply::Given(Data::Text(text)));
            serve(Serving { reply: Some(reply), ..Serving::of(program, args) })
        }
        Thanks::Connect { connect, text } => {
            call(Calling { program, connect, input: Input::of(text), farewell: Farewell::Silent })
        }
    }
}

fn until_close(side: UntilClose) -> ExitCode {
    match side {
        UntilClose::Serve { again, serve: args } => {
            let again = again.keep_open;
            serve(Serving { again, ..Serving::of(Program::UntilClose, args) })
        }
        UntilClose::Connect(connect) => typed(Program::UntilClose, connect),
    }
}

fn udp_chat(side: UdpChat) -> ExitCode {
    match side {
        UdpChat::Serve { answer, serve: args } => {
            serve(Serving { reply: answer.reply, ..Serving::of(Program::UdpChat, args) })
        }
        UdpChat::Connect(connect) => typed(Program::UdpChat, connect),
    }
}

fn udp_once(side: UdpOnce) -> ExitCode {
    let program = Program::UdpOnce;
    match side {
        UdpOnce::Serve(args) => serve(Serving::of(program, args)),
        UdpOnce::Connect { connect, text } => {
            call(Calling { program, connect, input: Input::of(text), farewell: Farewell::Silent })
        }
    }
}

fn broadcast(side: Broadcast) -> ExitCode {
    let program = Program::Broadcast;
    match side {
        Broadcast::Serve(args) => serve(Serving::of(program, args)),
        Broadcast::Connect(args) => {
            let BroadcastConnect { mut words, from, common } = *args;
            let text = words.pop();
            let connect = Box::new(Connect { endpoint: words.pop(), wait: None, common });
            let input = Input::From(from, text.unwrap_or_default());
            call(Calling { program, connect, input, farewell: Farewell::Silent })
        }
    }
}

fn upper(side: Upper) -> ExitCode {
    match side {
        Upper::Serve(args) => serve(Serving::of(Program::Upper, args)),
        Upper::Connect(connect) => typed(Program::Upper, connect),
    }
}

fn sticky(side: Sticky) -> ExitCode {
    let program = Program::Sticky;
    match side {
        Sticky::Serve { read_size, serve: args } => {
            serve(Serving { read_size, ..Serving::of(program, args) })
        }
        Sticky::Connect { together, connect } => {
            let texts: &[&str] = if together { &["hello feng"] } else { &["hello", "feng"] };
            let input = Input::Given(texts.iter().map(|text| (*text).to_owned()).collect());
            call(Calling { program, connect, input, farewell: Farewell::Silent })
        }
    }
}

fn threaded(side: Threaded) -> ExitCode {
    match side {
        Threaded::Serve { answer, serve: args } => {
            serve(Serving { reply: answer.reply, ..Serving::of(Program::Threaded, args) })
        }
        Threaded::Connect(connect) => typed(Program::Threaded, connect),
    }
}

fn open_close(side: OpenClose) -> ExitCode {
    let program = Program::OpenClose;
    match side {
        OpenClose::Serve { answer, serve: mut args } => {
            args.common.explain = true;
            serve(Serving { reply: answer.reply, ..Serving::of(program, args) })
        }
        OpenClose::Connect { mut connect, text } => {
            connect.common.explain = true;
            let text = text.unwrap_or_else(|| "hello".to_owned());
            let input = Input::Given(vec![text]);
            call(Calling { program, connect, input, farewell: Farewell::Silent })
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use sockeye_classics::catalogue::ROWS;
    use sockeye_classics::lesson::state::commands;

    use crate::args::Args;

    #[test]
    fn the_command_lines_that_a_lesson_shows_are_read() {
        for row in &ROWS {
            let shown = commands(row.program);
            for line in [shown.server, shown.client] {
                let read = Args::try_parse_from(line.split(' '));
                assert!(read.is_ok(), "{line}: {read:?}");
            }
        }
    }
}
