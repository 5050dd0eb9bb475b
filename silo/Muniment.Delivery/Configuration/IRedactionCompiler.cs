using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Configuration;

/// <summary>Turns the names of <c>redact</c> into something that redacts. The detectors live elsewhere; delivery only asks.</summary>
public interface IRedactionCompiler
{
    /// <summary>A redaction for one batch, or null with what was expected of the names.</summary>
    IEventRedaction? Compile(ImmutableArray<string> names, out string? expected);
}

/// <summary>Redacts the events of one batch and counts. One thread.</summary>
public interface IEventRedaction
{
    /// <summary>What is counted: the configured names, in capitals, in order.</summary>
    ImmutableArray<string> Names { get; }

    /// <summary>Redacts an event in place.</summary>
    void Redact(CanonicalEvent value);

    /// <summary>The entry with its raw record redacted.</summary>
    StoredEvent Redact(in StoredEvent stored);

    /// <summary>What was replaced since the last call, in the order of <see cref="Names"/>.</summary>
    long[] Take();
}

/// <summary>Where no detectors are: every list of names is refused, so that nothing is passed on unredacted by mistake.</summary>
public sealed class NoRedaction : IRedactionCompiler
{
    /// <inheritdoc/>
    public IEventRedaction? Compile(ImmutableArray<string> names, out string? expected)
    {
        expected = "an empty list (there are no detectors here)";
        return null;
    }
}
