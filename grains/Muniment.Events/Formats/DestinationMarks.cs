using System.Text;
using System.Text.Json;

namespace Muniment.Events.Formats;

/// <summary>The marks that are the same for all events of a destination, encoded once. Immutable.</summary>
public sealed class DestinationMarks
{
    /// <summary>For one log and destination.</summary>
    public DestinationMarks(string origin, string destination)
    {
        Origin = origin;
        Destination = destination;
        OriginUtf8 = Encoding.UTF8.GetBytes(origin);
        DestinationUtf8 = Encoding.UTF8.GetBytes(destination);
        OriginJson = JsonEncodedText.Encode(origin, Canonical.JsonText.Compact.Encoder);
        DestinationJson = JsonEncodedText.Encode(destination, Canonical.JsonText.Compact.Encoder);
    }

    /// <summary><c>muniment.origin</c>: name of the tenant's log, as in its checkpoints.</summary>
    public string Origin { get; }

    /// <summary><c>muniment.destination</c></summary>
    public string Destination { get; }

    internal byte[] OriginUtf8 { get; }

    internal byte[] DestinationUtf8 { get; }

    internal JsonEncodedText OriginJson { get; }

    internal JsonEncodedText DestinationJson { get; }
}
