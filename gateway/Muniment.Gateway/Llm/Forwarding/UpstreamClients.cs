using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Muniment.Egress;
using Muniment.Events;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>One connection pool a tenant; every connection goes through the egress guard. Thread-safe.</summary>
internal sealed class UpstreamClients(EgressHttp egress, IOptions<LlmOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<TenantId, Lazy<HttpMessageInvoker>> _clients = new();

    /// <summary>The client of a tenant. Only authenticated callers have one, so there are no more than tenants.</summary>
    public HttpMessageInvoker Of(TenantId tenant) => _clients.GetOrAdd(tenant, static (name, clients) => new Lazy<HttpMessageInvoker>(() => clients.Create(name)), this).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<HttpMessageInvoker> client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private HttpMessageInvoker Create(TenantId tenant)
    {
        SocketsHttpHandler handler = egress.CreateHandler(tenant.Value, EgressTls.Default);
        handler.MaxConnectionsPerServer = options.Value.MaxConnectionsPerUpstream;
        handler.EnableMultipleHttp2Connections = true;
        return new HttpMessageInvoker(new WholeBody(handler), disposeHandler: true);
    }
}
