using System.Buffers;
using System.Diagnostics;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.TestData;

namespace Muniment.Benchmarks;

/// <summary>Writing events in each format on one core, from canonical events in memory, with marks.</summary>
internal static class FormatBench
{
    private const int Events = 2000;
    private static readonly string[] Names = [.. EventFormats.Json, .. EventFormats.Text, "otlp"];

    public static Task RunAsync(Table table)
    {
        var reader = new EventReader(TenantId.Parse("acme"));
        var generator = new EventGenerator(3);
        byte[] envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Key = "k1", Receiver = "events" });
        CanonicalEvent[] events = [.. Enumerable.Range(0, Events).Select(i => reader.Read(new StoredEvent(i, 1_790_000_000_000_000_000, EntryKind.Event, envelope, default, default, generator.JsonEvent())))];
        var destination = new DestinationMarks("log.example/acme", "siem");
        byte[] leaf = new byte[32];
        double canonical = 0;
        foreach (string name in Names)
        {
            IEventFormat format = EventFormats.Find(name)!;
            var output = new ArrayBufferWriter<byte>(1 << 24);
            double best = 0;
            long bytes = 0;
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2)) // the first rounds compile; the best one counts
            {
                output.ResetWrittenCount();
                long started = Stopwatch.GetTimestamp();
                for (int i = 0; i < events.Length; i++)
                {
                    format.Write(events[i], new EventMarks(destination, i, leaf, 1, i), output);
                }

                best = Math.Max(best, Events / Stopwatch.GetElapsedTime(started).TotalSeconds);
                bytes = output.WrittenCount;
            }

            canonical = canonical == 0 ? best : canonical;
            table.Add($"{name}, {bytes / Events} bytes an event", best, "events/s", best / canonical, "canonical");
        }

        return Task.CompletedTask;
    }
}
