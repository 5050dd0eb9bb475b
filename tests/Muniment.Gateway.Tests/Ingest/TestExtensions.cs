using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Tests.Ingest;

internal static class TestExtensions
{
    /// <summary>Whether no request holds bytes any more, at once or within ten seconds: the server may still be at one whose client has left.</summary>
    public static async Task<bool> GivesAllBackAsync(this IServiceProvider services)
    {
        CapacityGate gate = services.GetRequiredService<CapacityGate>();
        for (int i = 0; i < 500 && gate.TotalBytes != 0; i++)
        {
            await Task.Delay(20);
        }

        return gate.TotalBytes == 0;
    }
}
