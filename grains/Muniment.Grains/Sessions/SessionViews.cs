using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical.Sessions;
using Muniment.Messages.Sessions;

namespace Muniment.Grains.Sessions;

/// <summary>Messages about sessions.</summary>
internal static class SessionViews
{
    public static SessionMessage Of(SessionFold fold, DateTimeOffset now, TimeSpan idle)
    {
        if (fold.Events == 0)
        {
            return new SessionMessage(-1, 0, 0, true, default);
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            fold.WriteMembers(writer);
            writer.WriteEndObject();
        }

        bool ended = now - DateTimeOffset.UnixEpoch.AddTicks(fold.LastReceivedNs / TimeSpan.NanosecondsPerTick) >= idle;
        return new SessionMessage(fold.LastSeq, fold.Events, fold.LastReceivedNs, ended, buffer.WrittenSpan.ToArray());
    }
}
