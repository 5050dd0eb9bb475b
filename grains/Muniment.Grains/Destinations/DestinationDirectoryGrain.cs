using System.Collections.Immutable;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Events;
using Muniment.Messages.Destinations;

namespace Muniment.Grains.Destinations;

/// <summary>Lists a tenant's destinations and passes hints on. Owns nothing but the count of tests; everything else is read from the store.</summary>
[GrainType("destination-directory")]
public sealed class DestinationDirectoryGrain(DeliveryServices services) : Grain, IDestinationDirectoryGrain
{
    /// <summary>Connection tests of a tenant in a minute.</summary>
    public const int TestsPerMinute = 10;

    // Touched on this activation's turns only.
    private readonly Queue<long> _tests = [];
    private ImmutableArray<string> _ids = [];

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => Changed();

    /// <inheritdoc/>
    public async Task<DestinationAnswer> List(string after, int limit)
    {
        limit = Math.Clamp(limit, 1, DestinationGrain.MaxPage);
        ImmutableArray<DestinationRow> rows = await services.Store.ListAsync(Tenant, CancellationToken.None);
        rows = [.. rows.Where(r => string.CompareOrdinal(r.Id, after) > 0 && !DestinationState.IsDeleted(r.State.Span)).Take(limit + 1)];
        string? next = rows.Length > limit ? rows[limit - 1].Id : null;
        return new DestinationAnswer(DestinationStatusCode.Done, 0, DestinationViews.Configs([.. rows.Take(limit).Select(r => r.Config)], next), null, null);
    }

    /// <inheritdoc/>
    public Task<bool> TakeTest()
    {
        long now = services.Time.GetTimestamp();
        while (_tests.TryPeek(out long oldest) && services.Time.GetElapsedTime(oldest, now) >= TimeSpan.FromMinutes(1))
        {
            _tests.Dequeue();
        }

        if (_tests.Count >= TestsPerMinute)
        {
            return Task.FromResult(false);
        }

        _tests.Enqueue(now);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public async Task Changed() => _ids = [.. (await services.Store.ListAsync(Tenant, CancellationToken.None)).Select(r => r.Id)];

    /// <inheritdoc/>
    public async Task<long> Release(long before)
    {
        await Changed();
        long[] needed = await Task.WhenAll(_ids.Select(id => GrainFactory.GetGrain<IDestinationGrain>($"{Tenant.Value}/{id}").Release(before)));
        return needed.Prepend(before).Min();
    }

    /// <inheritdoc/>
    public Task Advanced()
    {
        foreach (string id in _ids)
        {
            _ = GrainFactory.GetGrain<IDestinationGrain>($"{Tenant.Value}/{id}").Wake();
        }

        return Task.CompletedTask;
    }

    private TenantId Tenant => TenantId.Parse(this.GetPrimaryKeyString());
}
