use super::*;

/// Reads an answer whole, byte by byte, and in pieces of each size in between.
fn read(make: fn() -> AnswerReader, answer: &str) -> (TokenUsage, bool) {
    let mut results = Vec::new();
    for size in [answer.len().max(1), 1, 2, 3, 7] {
        let mut reader = make();
        answer
            .as_bytes()
            .chunks(size)
            .for_each(|piece| reader.read(piece));
        results.push((reader.usage(), reader.has_error()));
    }
    assert!(
        results.windows(2).all(|pair| pair[0] == pair[1]),
        "{answer}: {results:?}"
    );
    results[0]
}

fn usage(input: u64, output: u64, cached: Option<u64>) -> TokenUsage {
    TokenUsage {
        input: Some(input),
        output: Some(output),
        cached,
    }
}

#[test]
fn each_api_says_it_in_its_own_words() {
    for (answer, expected) in [
        (
            r#"{"id":"c","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0}}}"#,
            usage(12, 3, Some(8)),
        ),
        (
            r#"{"object":"response","error":null,"output":[{"content":[{"text":"x"}]}],"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":4},"output_tokens":5}}"#,
            usage(20, 5, Some(4)),
        ),
        (
            r#"{"type":"message","content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":7}}"#,
            usage(115, 7, Some(100)),
        ),
        (
            "{\n  \"usage\" : {\n \"prompt_tokens\" : 1 ,\n \"completion_tokens\" : 2\n }\n}",
            usage(1, 2, None),
        ),
        // LiteLLM adds Anthropic's names to OpenAI's.
        (
            r#"{"usage":{"prompt_tokens":30,"completion_tokens":2,"cache_read_input_tokens":9,"cache_creation_input_tokens":1}}"#,
            usage(30, 2, Some(9)),
        ),
        // DeepSeek.
        (
            r#"{"usage":{"prompt_tokens":30,"completion_tokens":2,"prompt_cache_hit_tokens":11}}"#,
            usage(30, 2, Some(11)),
        ),
    ] {
        assert_eq!(
            read(AnswerReader::of_document, answer),
            (expected, false),
            "{answer}"
        );
    }
    let embedding =
        r#"{"data":[{"embedding":[0.1,-2e3]}],"usage":{"prompt_tokens":6,"total_tokens":6}}"#;
    let (found, _) = read(AnswerReader::of_document, embedding);
    assert_eq!((found.input, found.output), (Some(6), None));
}

#[test]
fn streams_say_it_at_their_end_or_piece_by_piece() {
    let openai = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";
    assert_eq!(
        read(AnswerReader::of_events, openai),
        (usage(9, 4, None), false)
    );
    let responses = "event: response.completed\r\ndata:{\"type\":\"response.completed\",\"response\":{\"error\":null,\"usage\":{\"input_tokens\":3,\"input_tokens_details\":{\"cached_tokens\":1},\"output_tokens\":2}}}\r\n\r\n";
    assert_eq!(
        read(AnswerReader::of_events, responses),
        (usage(3, 2, Some(1)), false)
    );
    let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":15}}\n\n";
    assert_eq!(
        read(AnswerReader::of_events, anthropic),
        (usage(30, 15, Some(5)), false)
    );
    // The last line need not end.
    let cut = "data: {\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}";
    assert_eq!(read(AnswerReader::of_events, cut).0, usage(9, 4, None));
}

#[test]
fn what_an_answer_contains_is_not_what_the_api_says() {
    for answer in [
        r#"{"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":1}"}}]}"#,
        r#"{"content":[{"type":"tool_use","input":{"usage":{"input_tokens":5}}}]}"#,
        r#"{"content":"usage","x":{"prompt_tokens":5}}"#,
        r#"{"us\u0061ge":{"prompt_tokens":5}}"#,
        r#"{"usage":{"prompt_tokens":-5,"completion_tokens":1.5,"x":{"prompt_tokens":7}}}"#,
        r#"{"usage":[{"prompt_tokens":5}]}"#,
        r#"[{"usage":{"prompt_tokens":5}}]"#,
        r#"{"usage":{"prompt_tokens":"5"}}"#,
        r#"{"input_tokens":5}"#,
        r#"{"data":{"data":{"data":{"data":{"usage":{"prompt_tokens":5}}}}}}"#,
        "",
    ] {
        let (found, _) = read(AnswerReader::of_document, answer);
        assert_eq!(found, TokenUsage::default(), "{answer}");
    }
    let comment = ": {\"usage\":{\"prompt_tokens\":5}}\ndat: {\"usage\":{\"prompt_tokens\":5}}\n\n";
    assert_eq!(
        read(AnswerReader::of_events, comment).0,
        TokenUsage::default()
    );
}

#[test]
fn an_error_inside_an_answer_is_met() {
    for (answer, expected) in [
        (r#"{"error":{"message":"no"}}"#, true),
        (r#"{"error":"Unexpected endpoint"}"#, true),
        (r#"{"response":{"error":{"code":"x"}}}"#, true),
        (r#"{"error":null,"usage":{}}"#, false),
        (r#"{"error":"","x":1}"#, false),
        (r#"{"error":false}"#, false),
        (r#"{"choices":[{"error":{"x":1}}]}"#, false),
        (r#"{"text":"\"error\":{}"}"#, false),
    ] {
        assert_eq!(
            read(AnswerReader::of_document, answer).1,
            expected,
            "{answer}"
        );
        let event = format!("event: x\ndata: {answer}\n\n");
        assert_eq!(read(AnswerReader::of_events, &event).1, expected, "{event}");
    }
}

#[test]
fn a_hostile_upstream_cannot_make_it_grow_or_fail() {
    assert!(
        size_of::<AnswerReader>() <= 320,
        "{}",
        size_of::<AnswerReader>()
    );
    let deep = "[{".repeat(100_000) + &"}".repeat(300_000);
    let long_key = format!("{{\"{}\":1}}", "k".repeat(1_000_000));
    let long_number = format!(
        "{{\"usage\":{{\"prompt_tokens\":{}}}}}",
        "9".repeat(100_000)
    );
    for answer in [
        &deep,
        &long_key,
        &"\\".repeat(1000),
        &"\"".repeat(1001),
        &"}]".repeat(1000),
    ] {
        for make in [AnswerReader::of_document, AnswerReader::of_events] {
            let mut reader = make();
            reader.read(answer.as_bytes());
            reader.read(answer.as_bytes());
        }
    }
    let mut reader = AnswerReader::of_document();
    reader.read(long_number.as_bytes());
    assert_eq!(reader.usage().input, Some(u64::MAX));
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(100_000).collect();
    AnswerReader::of_document().read(&bytes);
    AnswerReader::of_events().read(&bytes);
}
