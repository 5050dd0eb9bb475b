using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Tests.Ingest;

internal static class TestExtensions
{
    /// <summary>Bytes that requests hold at the moment.</summary>
    public static long GetCapacity(this IServiceProvider services) => services.GetRequiredService<CapacityGate>().TotalBytes;
}
