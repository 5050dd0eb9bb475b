using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Tests.Ingest;

internal static class TestExtensions
{
    /// <summary>Whether no request holds bytes any more, at once or within a minute: the server may still be at one whose client has left.</summary>
    public static async Task<bool> GivesAllBackAsync(this IServiceProvider services)
    {
        CapacityGate gate = services.GetRequiredService<CapacityGate>();
        for (long until = Environment.TickCount64 + 60_000; gate.TotalBytes != 0 && Environment.TickCount64 < until;)
        {
            await Task.Delay(20);
        }

        return gate.TotalBytes == 0;
    }
}
