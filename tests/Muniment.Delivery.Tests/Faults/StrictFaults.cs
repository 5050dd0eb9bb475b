using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Tests.Kinds;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>The strict server of a kind's own tests, run through the fault table. Derived classes say only what is particular to the kind.</summary>
internal abstract class StrictFaults : HttpFaultAdapter
{
    private readonly StrictServer _server;

    protected StrictFaults(StrictServer server)
    {
        _server = server;
        server.Time = Time;
        server.Poison = Poison;
        server.Accepts = credential => Accepts(IsRenewed(credential));
        server.TakePartial = TakePartial;
        server.Heard = (id, json) => Take(id, Encoding.UTF8.GetBytes(json));
    }

    public sealed override JsonObject Configuration(string root, bool renewed)
    {
        JsonObject configuration = Configure(root, renewed);
        configuration["kind"] = Kind;
        configuration["endpoint"] ??= root;
        return configuration;
    }

    /// <summary>Credential, options, batch.</summary>
    protected abstract JsonObject Configure(string root, bool renewed);

    /// <summary>Which credential came; null when neither did.</summary>
    protected abstract bool? IsRenewed(string? credential);

    /// <summary>Refusals of the strict server that the fault itself asks for.</summary>
    protected virtual bool IsExpected(string refusal) => Current is Fault.CredentialRestored or Fault.CredentialReplaced || refusal.Length == 0;

    protected override bool IsDelivery(HttpContext context) => _server.IsDelivery(Wire(context, []));

    protected override async Task AnswerAsync(HttpContext context, byte[] body)
    {
        WireAnswer answer = _server.Answer(Wire(context, body));
        while (_server.Refusals.TryDequeue(out string? refusal))
        {
            if (!IsExpected(refusal))
            {
                Wrong.Enqueue(refusal);
            }
        }

        context.Response.StatusCode = answer.Status;
        if (answer.Status != 204)
        {
            context.Response.ContentType = answer.Type;
            await context.Response.Body.WriteAsync(answer.Bytes ?? Encoding.UTF8.GetBytes(answer.Body));
        }
    }

    private static WireRequest Wire(HttpContext context, byte[] body)
    {
        WireRequest request = new(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body);
        return request.Header("Content-Encoding") == "gzip" ? request.WithHeader("Content-Encoding", null) : request; // inflated already
    }
}
