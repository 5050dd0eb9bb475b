using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Muniment.Delivery.Configuration;

/// <summary>Writes a configuration as JSON in the shape in which it is read, every secret as <c>***</c>.</summary>
public static class ConfigWriter
{
    /// <summary>The whole configuration.</summary>
    /// <param name="config">What.</param>
    /// <param name="secrets">Whose names are shown.</param>
    /// <param name="fingerprint">Added as <c>credential_fingerprint</c> for the audit log; null leaves it out.</param>
    public static byte[] Write(DestinationConfig config, SecretBag secrets, string? fingerprint = null)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", config.Id);
            json.WriteString("kind", config.Kind);
            json.WriteString("endpoint", config.Endpoint);
            WriteCredential(json, secrets);
            if (fingerprint is not null)
            {
                json.WriteString("credential_fingerprint", fingerprint);
            }

            json.WriteStartObject("options");
            foreach ((string name, JsonElement value) in config.Options)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteStartArray("streams");
            foreach (string stream in config.Streams)
            {
                json.WriteStringValue(stream);
            }

            json.WriteEndArray();
            if (config.Where is { } where)
            {
                json.WritePropertyName("where");
                where.WriteTo(json);
            }

            if (config.Sample is { } sample)
            {
                json.WriteStartObject("sample");
                json.WriteNumber("rate", sample.Rate);
                if (sample.Keep is { } keep)
                {
                    json.WritePropertyName("keep");
                    keep.WriteTo(json);
                }

                json.WriteEndObject();
            }

            json.WriteString("format", config.Format);
            json.WriteStartArray("redact");
            foreach (string name in config.Redact)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            WriteTls(json, config, secrets);
            json.WriteStartObject("batch");
            json.WriteNumber("max_events", config.Batch.MaxEvents);
            json.WriteNumber("max_bytes", config.Batch.MaxBytes);
            json.WriteNumber("max_age_ms", config.Batch.MaxAgeMs);
            json.WriteNumber("in_flight", config.Batch.InFlight);
            if (config.Batch.CutsOversize)
            {
                json.WriteString("oversize", "cut");
            }

            if (config.Batch.MaxRefusals != BatchConfig.UsualRefusals)
            {
                json.WriteNumber("max_refusals", config.Batch.MaxRefusals);
            }

            if (config.Batch.EventsPerSecond > 0)
            {
                json.WriteNumber("max_events_per_s", config.Batch.EventsPerSecond);
            }

            if (config.Batch.BytesPerSecond > 0)
            {
                json.WriteNumber("max_bytes_per_s", config.Batch.BytesPerSecond);
            }

            json.WriteEndObject();
            json.WriteString("order", config.Strict ? "strict" : "relaxed");
            json.WriteString("on_full", config.OnFull);
            if (long.TryParse(config.Start, NumberStyles.None, CultureInfo.InvariantCulture, out long seq))
            {
                json.WriteNumber("start", seq);
            }
            else
            {
                json.WriteString("start", config.Start);
            }

            json.WriteBoolean("enabled", config.Enabled);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteCredential(Utf8JsonWriter json, SecretBag secrets)
    {
        json.WriteStartObject("credential");
        foreach (IGrouping<string, KeyValuePair<string, string>> group in secrets.Under("credential.").GroupBy(p => p.Key.Split('.', 2)[0]))
        {
            if (group.Count() == 1 && !group.First().Key.Contains('.', StringComparison.Ordinal))
            {
                json.WriteString(group.Key, ConfigReader.Mask);
                continue;
            }

            json.WriteStartObject(group.Key);
            foreach (KeyValuePair<string, string> member in group)
            {
                json.WriteString(member.Key[(group.Key.Length + 1)..], ConfigReader.Mask);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteTls(Utf8JsonWriter json, DestinationConfig config, SecretBag secrets)
    {
        bool key = secrets.Find("tls.client_key_pem") is not null;
        if (config.AuthorityPem is null && config.ClientCertificatePem is null && !key)
        {
            return;
        }

        json.WriteStartObject("tls");
        if (config.AuthorityPem is not null)
        {
            json.WriteString("ca_pem", config.AuthorityPem);
        }

        if (config.ClientCertificatePem is not null)
        {
            json.WriteString("client_cert_pem", config.ClientCertificatePem);
        }

        if (key)
        {
            json.WriteString("client_key_pem", ConfigReader.Mask);
        }

        json.WriteEndObject();
    }
}
