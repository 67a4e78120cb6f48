-- What wrk sends, and how it reports: one JSON line. Latencies are in microseconds.

wrk.method = "POST"
wrk.headers["content-type"] = "application/json"

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'result: {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write
  ))
end

function init(arguments)
  wrk.body = arguments[1]
end
