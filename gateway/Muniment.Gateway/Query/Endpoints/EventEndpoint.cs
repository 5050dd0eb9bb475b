using Microsoft.AspNetCore.Http;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary><c>GET /api/v1/events/{id}</c>: one event, by an id of ours or the sender's own.</summary>
internal sealed class EventEndpoint(EventScanner scanner, IJournalReader journal, ITenantKeyring keyring)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        string id = PathSegment.Last(context);
        if (context.Request.Query.Keys.FirstOrDefault(k => k != "format") is { } unknown)
        {
            await RefusalWriter.WriteAsync(context, QueryParameters.Unknown(unknown));
            return;
        }

        string? format = context.Request.Query["format"];
        if (format is not (null or "canonical" or "flat"))
        {
            await RefusalWriter.WriteAsync(context, QueryParameters.Bad("format", "canonical or flat"));
            return;
        }

        CanonicalEvent? found = EventIds.IsValid(id) ? await FindAsync(caller, id, context.RequestAborted) : null;
        if (found is null || !IsOwn(found, caller))
        {
            await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.NotFound, "there is no event of this id"));
            return;
        }

        await JsonAnswer.SendAsync(context, writer => writer.Event(found, format == "flat"));
    }

    private async Task<CanonicalEvent?> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        bool sees = EventFilterParser.Sees(caller);
        if (EventIds.TryDecodeSeq(caller.Tenant, id, out long seq)
            && await scanner.FindAsync(caller.Tenant, seq, sees, cancellationToken) is { } ours && ours.Id == id)
        {
            return ours;
        }

        byte[] utf8 = System.Text.Encoding.ASCII.GetBytes(id);
        ulong term = new TermHasher(keyring.Current(caller.Tenant)).Hash(TermField.Id, utf8);
        var filter = new BlockFilter([[term]], [], long.MinValue, long.MaxValue, utf8.Length > 0 ? new RowNeedles([utf8], NeedleForm.Whole) : null);
        await foreach (JournalBlock block in journal.ReadAsync(caller.Tenant, SeqRange.All, filter, true, cancellationToken))
        {
            for (int i = block.Events.Count - 1; i >= 0; i--)
            {
                StoredEvent stored = block.Events[i];
                bool mayMatch = stored.Kind == EntryKind.Event && (stored.Record.Span.IndexOf(utf8) >= 0 || stored.Record.Span.Contains((byte)'\\'));
                if (mayMatch && EventReader.Read(stored, caller.Tenant) is { HasSenderId: true } e && e.Id == id)
                {
                    if (!sees)
                    {
                        EventMasker.Apply(e);
                    }

                    return e;
                }
            }
        }

        return null;
    }

    private static bool IsOwn(CanonicalEvent e, Caller caller) =>
        (caller.User is null || e.Actor.Human == caller.User) && (caller.Project is null || e.Resource?.Project == caller.Project);
}
