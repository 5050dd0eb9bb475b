using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using Google.Protobuf;
using Muniment.Delivery.Tests.Kinds.PrometheusWrite.Prompb;

namespace Muniment.Delivery.Tests.Kinds.PrometheusWrite;

/// <summary>A receiver of remote write 1.0 by docs/siem/prometheus.md, reading with the protobuf library. A request is taken whole or not at all, as Prometheus 2.42 does.</summary>
internal sealed class StrictPrometheus : StrictServer
{
    private readonly Dictionary<string, Sample> _newest = [];

    public string? Credential { get; set; }

    public List<(string Series, double Value, long Time)> Samples { get; } = [];

    public override bool IsDelivery(WireRequest request) => request.Path != "/api/v1/query";

    protected override WireAnswer Take(WireRequest request)
    {
        Must(Accepts?.Invoke(request.Header("Authorization")) ?? request.Header("Authorization") == Credential, 401, "1.10: authorization");
        if (!IsDelivery(request))
        {
            string asked = Regex.Match(HttpUtility.ParseQueryString(request.Query)["query"]!, "event_id=\"(.*)\"").Groups[1].Value;
            return new WireAnswer(200, new JsonObject { ["status"] = "success", ["data"] = new JsonObject { ["result"] = Samples.Any(s => s.Series.Contains(asked, StringComparison.Ordinal)) ? new JsonArray(1) : [] } }.ToJsonString());
        }

        Must(request.Method == "POST" && request.Path == "/api/v1/write", 404, "1.10: POST to the write URL");
        Must(request.Header("Content-Type") == "application/x-protobuf", 415, "1.10: Content-Type: application/x-protobuf");
        Must(request.Header("Content-Encoding") == "snappy", 415, "1.10: Content-Encoding: snappy");
        Must(request.Header("X-Prometheus-Remote-Write-Version") == "0.1.0", 400, "1.10: X-Prometheus-Remote-Write-Version: 0.1.0");
        byte[] plain;
        try
        {
            plain = PlainSnappy.Decompress(request.Body);
        }
        catch (Exception exception) when (exception is InvalidDataException or IndexOutOfRangeException or ArgumentException)
        {
            throw new Refused(new WireAnswer(400, "snappy: corrupt input"), "1.10: snappy in block format, not framed");
        }

        WriteRequest read;
        try
        {
            read = WriteRequest.Parser.ParseFrom(plain);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new Refused(new WireAnswer(400, "proto"), "1.10: a WriteRequest");
        }

        Dictionary<string, Sample> newest = new(_newest);
        List<(string, double, long)> taken = [];
        foreach (TimeSeries series in read.Timeseries)
        {
            string[] names = [.. series.Labels.Select(l => l.Name)];
            Must(names.SequenceEqual(names.Order(StringComparer.Ordinal)) && names.Distinct().Count() == names.Length, 400, "1.10: labels are sorted by name and unique");
            Must(names.Contains("__name__") && series.Labels.All(l => l.Value.Length > 0), 400, "1.10: series have a name, labels a value");
            Must(names.All(n => Regex.IsMatch(n, "^[a-zA-Z_][a-zA-Z0-9_]*$")) && Regex.IsMatch(series.Labels.First(l => l.Name == "__name__").Value, "^[a-zA-Z_:][a-zA-Z0-9_:]*$"), 400, "1.10: names of labels and metrics");
            Must(series.Samples.Count > 0, 400, "1.10: series have samples");
            string key = string.Join(',', series.Labels.Select(l => $"{l.Name}={l.Value}"));
            foreach (Sample sample in series.Samples)
            {
                Must(sample.Timestamp > 1_000_000_000_000, 400, "1.10: timestamps are milliseconds");
                if (newest.TryGetValue(key, out Sample? last))
                {
                    Must(sample.Timestamp >= last.Timestamp, 400, "1.10: samples of a series are in order of time", "out of order sample\n");
                    Must(sample.Timestamp > last.Timestamp || sample.Value.Equals(last.Value), 400, "1.10: one value at one time", "duplicate sample for timestamp\n");
                }

                Must(!Poison.Keys.Any(p => key.EndsWith("key=" + p, StringComparison.Ordinal)), 400, "", "bad");
                if (last is null || sample.Timestamp > last.Timestamp)
                {
                    taken.Add((key, sample.Value, sample.Timestamp));
                }

                newest[key] = sample;
            }
        }

        foreach ((string key, Sample sample) in newest)
        {
            _newest[key] = sample;
        }

        Samples.AddRange(taken);
        foreach ((string key, double value, long time) in taken)
        {
            Keep(Regex.Match(key, "key=([^,]*)").Groups[1].Value, $"{key} {value} {time}");
        }

        return new WireAnswer(204);
    }
}
