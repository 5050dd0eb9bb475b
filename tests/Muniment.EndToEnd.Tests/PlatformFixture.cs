using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

/// <summary>One platform for all tests of a class.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();

    /// <summary>The platform.</summary>
    public PlatformProcess Platform { get; private set; } = null!;

    public async Task InitializeAsync() => Platform = await PlatformProcess.StartAsync(directory.Path);

    public async Task DisposeAsync()
    {
        await Platform.DisposeAsync();
        directory.Dispose();
    }
}
