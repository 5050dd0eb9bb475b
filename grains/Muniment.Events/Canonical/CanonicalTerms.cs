using System.Globalization;
using System.Text;
using Muniment.Events.Canonical.Fields;
using Muniment.Events.Terms;

namespace Muniment.Events.Canonical;

/// <summary>
/// The index terms of an event: every field of <see cref="TermField"/> that is present, value by value. Called at the door on the event after
/// <see cref="EnvelopeOverlay.Apply"/>; an event read back gives the same terms.
/// </summary>
public static class CanonicalTerms
{
    private const int MaxStackChars = 256;

    /// <summary>Hands each term of <paramref name="e"/> to <paramref name="sink"/>.</summary>
    public static void Collect<TSink>(CanonicalEvent e, ref TSink sink)
        where TSink : ITermSink
    {
        Add(ref sink, TermField.Correlation, e.Trace?.Correlation);
        Add(ref sink, TermField.Trace, e.Trace?.TraceId);
        Add(ref sink, TermField.Session, e.Trace?.Session);
        Add(ref sink, TermField.Actor, e.Actor.Id);
        Add(ref sink, TermField.User, e.Actor.Human);
        Add(ref sink, TermField.Agent, e.Agent?.Kind);
        Add(ref sink, TermField.Action, e.Action);
        Add(ref sink, TermField.Result, e.Result);
        Add(ref sink, TermField.Policy, e.Policy?.Id);
        Add(ref sink, TermField.PolicyVersion, e.Policy?.Version?.ToString(CultureInfo.InvariantCulture));
        Add(ref sink, TermField.Target, e.Target);
        Add(ref sink, TermField.Model, e.Model?.Requested);
        Add(ref sink, TermField.Model, e.Model?.Served);
        Add(ref sink, TermField.Tool, e.Tool?.Name);
        Add(ref sink, TermField.Stream, e.Stream);
        Add(ref sink, TermField.Signal, SignalOf(e.Kind));
        Add(ref sink, TermField.Risk, e.Risk);
        Add(ref sink, TermField.Project, e.Resource?.Project);
        Add(ref sink, TermField.Key, e.Source.Key);
        Add(ref sink, TermField.Address, e.Client?.Address);
        Add(ref sink, TermField.Address, e.Source.Address);
        Add(ref sink, TermField.Work, e.Resource?.Ticket);
        Add(ref sink, TermField.Work, e.Resource?.Incident);
        Add(ref sink, TermField.Work, e.Resource?.Repo);
        if (e.HasSenderId)
        {
            Add(ref sink, TermField.Id, e.Id);
        }

        if (!e.Decision.IsEmpty)
        {
            Add(ref sink, TermField.Decision, DetailPath.Find(e.Decision, "id").Text);
        }
    }

    /// <summary><c>event|log|span|metric</c></summary>
    public static string SignalOf(EntryKind kind) => kind switch
    {
        EntryKind.Log => "log",
        EntryKind.Span => "span",
        EntryKind.Metric => "metric",
        _ => "event",
    };

    private static void Add<TSink>(ref TSink sink, TermField field, string? value)
        where TSink : ITermSink
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        if (value.Length <= MaxStackChars)
        {
            Span<byte> utf8 = stackalloc byte[MaxStackChars * 3];
            sink.Add(field, utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
        }
        else
        {
            sink.Add(field, Encoding.UTF8.GetBytes(value));
        }
    }
}
